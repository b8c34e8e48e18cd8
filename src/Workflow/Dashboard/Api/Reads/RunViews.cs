using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>A run with its stages, from the ledger and the small files of its store. Partitions are not loaded one by one: a run may have a hundred thousand.</summary>
static class RunViews
{
    const int MostFailures = 1000;

    /// <summary>The run.</summary>
    /// <param name="paths">The home.</param>
    /// <param name="ledger">Its ledger.</param>
    /// <param name="runId">Full id.</param>
    /// <exception cref="WorkflowException">There is no such run.</exception>
    public static RunView Read(HomePaths paths, LedgerDb ledger, string runId) => ledger.Read(db =>
    {
        var run = RunQueries.One(db, runId) ?? throw new WorkflowException($"No run '{runId}' in this home.", exitCode: 2);
        var stages = db.Query("SELECT node_id, state, stage FROM node WHERE run_id=?1 AND kind<>'partition' ORDER BY ordinal, kind='gather', node_id", r => (Node: r.Text(0), State: r.Text(1), Stage: r.Text(2)), runId);
        var outputs = db.Query("""
            SELECT n.node_id, n.stage, e.slot, a.artifact_id, a.kind, a.logical_hash, a.rows, a.size, (SELECT COUNT(*) FROM artifact_member m WHERE m.artifact_id=a.artifact_id)
            FROM node n
            LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
            LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
            JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out'
            JOIN artifact a ON a.artifact_id=e.artifact_id
            WHERE n.run_id=?1 AND n.kind<>'partition' ORDER BY n.ordinal, n.kind='gather', n.node_id, e.slot
            """, r => new OutputRow(r.Text(0), r.Text(1), r.Text(2), RunQueries.Artifact(r, 3)), runId);

        var spans = db.Query("SELECT stage, began_us, ended_us FROM stage_span WHERE run_id=?1 AND began_us IS NOT NULL AND ended_us IS NOT NULL",
            r => (r.Text(0), TimeSpan.FromMicroseconds(r.Number(2) - r.Number(1))), runId).ToDictionary(StringComparer.Ordinal);
        var failures = db.Query($"""
            SELECT t.node_id, t.epoch, t.state, t.exit_kind, t.error_text FROM attempt t JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id
            WHERE t.run_id=?1 AND t.state NOT IN('committed','running') ORDER BY n.ordinal, n.kind='gather', n.node_id, t.epoch LIMIT {MostFailures}
            """, r => new AttemptFailure(r.Text(0), r.Number(1), r.Text(2), r.TextOrNull(3), r.TextOrNull(4)), runId);
        return Of(paths, run, stages.ConvertAll(s => (s.Node, s.State, spans.TryGetValue(s.Stage, out var span) ? span : (TimeSpan?)null)), outputs, failures);
    });

    /// <summary>The run, from what is already read of it.</summary>
    public static RunView Of(HomePaths paths, RunDetail detail) => Of(paths, detail.Run, [.. detail.Stages.Select(s => (s.NodeId, s.State, Span(detail, s)))],
        [.. detail.Outputs.Where(o => detail.Stages.Any(s => s.NodeId == o.NodeId))],
        [.. detail.Nodes.SelectMany(n => n.Attempts).Where(a => a.State is not ("committed" or "running")).Take(MostFailures).Select(a => new AttemptFailure(a.NodeId, a.Epoch, a.State, a.ExitKind, a.Error))]);

    static RunView Of(HomePaths paths, RunRow run, IReadOnlyList<(string Node, string State, TimeSpan? Span)> stages, IReadOnlyList<OutputRow> outputs, IReadOnlyList<AttemptFailure> failures)
    {
        var notes = new List<string>();
        var bySlot = outputs.ToLookup(o => o.NodeId, StringComparer.Ordinal);
        var lines = stages.Select(s => new StageLine(s.Node, s.State, s.Span?.TotalSeconds,
            [.. bySlot[s.Node].OrderBy(o => o.Slot, StringComparer.Ordinal).Select(o => new StageOutput(o.Slot, o.Artifact.Kind, o.Artifact.Id, o.Artifact.Rows))])).ToList();
        return new RunView(run.RunId, run.Job, run.State, run.Started ?? run.Created, run.Error,
            lines.ToDictionary(l => l.Stage, l => new StageState(l.State, l.Outputs.ToDictionary(o => o.Slot, o => o.Hash, StringComparer.Ordinal)), StringComparer.Ordinal),
            run.Created, run.Ended, run.Trigger, run.RequestedBy, run.Nodes, run.Done, run.Reused, lines,
            Found(() => RunScores.Read(paths, outputs)?.Systems.ToDictionary(s => s.Key, s => (IReadOnlyDictionary<string, Score>)s.Value, StringComparer.Ordinal), notes),
            Found(() => RunDecisions.Of(paths, outputs), notes) ?? [], Found(() => ReportOf(paths, run.RunId, outputs), notes), failures, notes);
    }

    /// <summary>Path of the HTML report that people open: below the home's <c>runs</c> folder where that link stands, else in the store.</summary>
    static string? ReportOf(HomePaths paths, string runId, IReadOnlyList<OutputRow> outputs)
    {
        if (outputs.LastOrDefault(o => o.NodeId == "report" && o.Artifact.Kind == "report") is not { } output)
        {
            return null;
        }

        var member = ArtifactFiles.ManifestOf(paths, output.Artifact.Id).Members.FirstOrDefault(m => m.Name.EndsWith(".html", StringComparison.Ordinal));
        if (member is null)
        {
            return null;
        }

        var view = Path.Combine(paths.Runs, runId, output.NodeId, output.Slot, member.Name);
        return File.Exists(view) ? view : paths.Blob(member.Hash);
    }

    static TimeSpan? Span(RunDetail run, NodeRow node)
    {
        var attempts = run.Nodes.Where(n => n.Stage == node.Stage).SelectMany(n => n.Attempts).Where(a => a.Ended is not null).ToList();
        return attempts.Count == 0 ? null : attempts.Max(a => a.Ended!.Value) - attempts.Min(a => a.Started);
    }

    /// <summary>What a file of the store tells; where it is gone the run is shown without it, and says so.</summary>
    static T? Found<T>(Func<T?> read, List<string> notes) where T : class
    {
        try
        {
            return read();
        }
        catch (WorkflowException fault)
        {
            if (!notes.Contains(fault.Message))
            {
                notes.Add(fault.Message);
            }

            return null;
        }
    }
}
