using System.Text.Json;
using Workflow.Dashboard.RunPages;
using Workflow.Ledger;
using Workflow.Reports.Svg;
using Workflow.Stages;

namespace Workflow.Dashboard.TrainingPages;

/// <summary>Reads for the page of a training.</summary>
static class TrainingPageQueries
{
    const int MostColumns = 48;
    const int MostHistograms = 20_000;

    /// <summary>The training, or null where the node is none.</summary>
    public static TrainingModel? Training(LedgerConnection db, string runId, string nodeId)
    {
        if (RunPageQueries.Head(db, runId) is not { } head || db.First("SELECT state, param_id, epoch, committed_epoch FROM node WHERE run_id=?1 AND node_id=?2", r => (State: r.TextOrNull(0), Set: r.Text(1)), runId, nodeId) is not { State: { } state } node)
        {
            return null;
        }

        var computed = Computed(db, runId, nodeId);
        var source = computed == runId ? null : computed;
        var run = source ?? runId;
        var attempt = db.First("""
            SELECT attempt_id, run_id, node_id, epoch, state, pid, started_us, ended_us, progress_num, progress_den, progress_unit, progress_msg, resumed_ckpt, exit_kind, error_text
            FROM attempt WHERE run_id=?1 AND node_id=?2 ORDER BY epoch DESC LIMIT 1
            """, r => new AttemptRow(r.Text(0), r.Text(1), r.Text(2), r.Number(3), r.Text(4), r.NumberOrNull(5), LedgerTime.FromMicros(r.Number(6)), r.TimeOrNull(7),
                r.NumberOrNull(8) ?? 0, r.NumberOrNull(9) ?? 0, r.TextOrNull(10), r.TextOrNull(11), r.NumberOrNull(12), r.TextOrNull(13), r.TextOrNull(14)), run, nodeId);
        var checkpoints = NodePageQueries.Checkpoints(db, run, nodeId);
        var story = TrainingStory.Read(db, run, nodeId, checkpoints);
        var series = MetricQueries.Series(db, run, nodeId);
        var outputs = NodePageQueries.Slots(db, attempt?.AttemptId, "out");
        return new TrainingModel(head.Run, nodeId, state, TrainingListQueries.Device(db, node.Set), attempt, story, checkpoints, NodePageQueries.Slots(db, attempt?.AttemptId, "in"), outputs,
            series.ToDictionary(s => s.Key, s => (s.LastStep, TrainingListQueries.Value(db, s.Id, s.LastStep) ?? double.NaN), StringComparer.Ordinal), Cosines(db, run, nodeId))
        {
            ReusedFrom = source,
            BestValue = story.Best is { } best && series.Find(s => s.Key == best.Series) is { } decides ? TrainingListQueries.Value(db, decides.Id, best.Step) : null,
            Report = db.Text("""
                SELECT a.artifact_id FROM node n JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch JOIN edge e ON e.attempt_id=t.attempt_id AND e.dir='out'
                  JOIN artifact a ON a.artifact_id=e.artifact_id WHERE n.run_id=?1 AND n.kind<>'partition' AND a.kind='report' ORDER BY n.ordinal DESC LIMIT 1
                """, runId),
            Slots = outputs.FirstOrDefault(o => o.Kind == "model") is { } model
                ? db.Query("SELECT name FROM model_slot s WHERE artifact_id=?1 AND seq=(SELECT MAX(seq) FROM model_slot WHERE name=s.name) ORDER BY name LIMIT 20", r => r.Text(0), model.ArtifactId) : [],
        };
    }

    /// <summary>The run that a training was computed in: another one where it was reused.</summary>
    public static string Computed(LedgerConnection db, string runId, string nodeId) => db.Text("""
        SELECT o.run_id FROM node n JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id JOIN attempt o USING(attempt_id) WHERE n.run_id=?1 AND n.node_id=?2 AND n.state='reused'
        """, runId, nodeId) ?? runId;

    // A picture holds a few dozen columns: of many evaluations evenly spaced ones are read, the newest always.
    static List<CosineHistory> Cosines(LedgerConnection db, string run, string node)
    {
        var kinds = new List<CosineHistory>();
        foreach (var (id, key) in db.Query("SELECT series_id, key FROM metric_series WHERE run_id=?1 AND node_id=?2 AND key>='cosine/' AND key<'cosine0' ORDER BY key", r => (r.Number(0), r.Text(1)), run, node))
        {
            var steps = db.Query("SELECT step FROM histogram WHERE series_id=?1 ORDER BY step DESC LIMIT ?2", r => r.Number(0), id, MostHistograms);
            steps.Reverse();
            var shown = steps.Count <= MostColumns ? steps : [.. Enumerable.Range(0, MostColumns).Select(i => steps[(int)((long)i * (steps.Count - 1) / (MostColumns - 1))]).Distinct()];
            var rows = shown.Select(step => db.First("SELECT low, high, counts_json, figures_json FROM histogram WHERE series_id=?1 AND step=?2",
                r => (Low: r.RealOrNull(0) ?? -1, High: r.RealOrNull(1) ?? 1, Column: Column(step, r.Text(2), r.TextOrNull(3))), id, step)).ToList();
            if (rows.Count > 0)
            {
                kinds.Add(new CosineHistory(key[TrainingPayload.CosineSeries.Length..], rows[^1].Low, rows[^1].High, [.. rows.Select(r => r.Column)]));
            }
        }

        return kinds;
    }

    static HeatColumn Column(long step, string counts, string? figures)
    {
        var told = figures is null ? null : JsonSerializer.Deserialize<Dictionary<string, double>>(figures);
        return new HeatColumn(step, JsonSerializer.Deserialize<List<long>>(counts) ?? [], Figure("p5"), Figure("p50"), Figure("p95"));

        double? Figure(string name) => told is not null && told.TryGetValue(name, out var value) ? value : null;
    }
}
