using System.Runtime.CompilerServices;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>What happens to a run, from the history and the attempts that run: each look costs as much as happened since the last, however large the run is.</summary>
/// <param name="ledger">The ledger.</param>
/// <param name="runId">Full id; the run may still have to be made.</param>
/// <param name="after">Position in the history to begin behind.</param>
sealed class ProgressFeed(LedgerDb ledger, string runId, long after)
{
    readonly Dictionary<string, (long Done, string? Message)> told = new(StringComparer.Ordinal);
    long seq = after;
    bool started;

    /// <summary>Whether the run is there, or was asked for.</summary>
    public bool Exists => ledger.Read(db => RunQueries.One(db, runId) is not null || Request(db) is not null);

    /// <summary>Tells until the run has ended; null where nothing happened between two looks.</summary>
    /// <param name="look">Time between looks.</param>
    /// <param name="cancellationToken">Stops telling.</param>
    public async IAsyncEnumerable<ProgressItem?> TellAsync(TimeSpan look, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            var (items, over) = ledger.Read(Look);
            foreach (var item in items)
            {
                yield return item;
            }

            if (over)
            {
                yield break;
            }

            yield return null;
            await Task.Delay(look, ledger.Time, cancellationToken);
        }
    }

    (List<ProgressItem> Items, bool Over) Look(LedgerConnection db)
    {
        var items = new List<ProgressItem>();
        var request = Request(db);
        if (request is { Done: true, Error: { } error })
        {
            return ([new ProgressItem("fault", Message: error)], true);
        }

        // A run that was just asked to go on is still in the state it ended in.
        if (request is { Done: false } || RunQueries.One(db, runId) is not { } run)
        {
            return (items, false);
        }

        if (!started)
        {
            started = true;
            items.Add(new ProgressItem("started", Job: run.Job, Done: run.Nodes));
        }

        while (db.Query("SELECT seq, node_id, epoch, type FROM event WHERE run_id=?1 AND seq>?2 ORDER BY seq LIMIT 1000", r => (Seq: r.Number(0), Node: r.TextOrNull(1), Epoch: r.NumberOrNull(2) ?? 0, Type: r.Text(3)), runId, seq) is { Count: > 0 } events)
        {
            items.AddRange(events.Select(e => Tell(db, e.Seq, e.Node, e.Epoch, e.Type)).OfType<ProgressItem>());
            seq = events[^1].Seq;
        }

        foreach (var (attempt, item) in db.Query("""
            SELECT attempt_id, node_id, epoch, progress_num, progress_den, progress_unit, progress_msg FROM attempt INDEXED BY attempt_running WHERE state='running' AND run_id=?1 AND progress_unit IS NOT NULL
            """, r => (r.Text(0), new ProgressItem("progress", r.Text(1), r.Number(2), Done: r.NumberOrNull(3) ?? 0, Total: r.NumberOrNull(4) ?? 0, Unit: r.Text(5), Message: r.TextOrNull(6))), runId))
        {
            if (!told.TryGetValue(attempt, out var before) || before != (item.Done, item.Message))
            {
                told[attempt] = (item.Done, item.Message);
                items.Add(item);
            }
        }

        var over = RunStates.Ended(run.State);
        if (over)
        {
            items.Add(new ProgressItem("ended", State: run.State, Seq: seq));
        }
        else if (run.State == "interrupted")
        {
            items.Add(new ProgressItem("fault", Message: $"The process that executed run {runId} ended before the run did. `workflow resume {runId}` goes on, or the next `serve` does.", Seq: seq));
            over = true;
        }

        return (items, over);
    }

    ProgressItem? Tell(LedgerConnection db, long at, string? node, long epoch, string type)
    {
        var attempt = node is null ? default : db.First("SELECT resumed_ckpt, exit_kind, error_text, started_us, ended_us FROM attempt WHERE run_id=?1 AND node_id=?2 AND epoch=?3",
            r => (Step: r.NumberOrNull(0), Exit: r.TextOrNull(1), Error: r.TextOrNull(2), Took: r.NumberOrNull(4) - r.Number(3)), runId, node, epoch);
        return type switch
        {
            "node.reused" => new ProgressItem("reused", node, Seq: at),
            "node.claimed" => new ProgressItem("claimed", node, epoch, attempt.Step, Seq: at),
            "node.committed" => new ProgressItem("committed", node, epoch, Seconds: (attempt.Took ?? 0) / 1e6, Seq: at),
            "node.failed" or "node.retry" or "node.cancelled" => new ProgressItem(type["node.".Length..], node, epoch, Exit: attempt.Exit, Message: attempt.Error, Seq: at),
            _ => null,
        };
    }

    /// <summary>What was asked of the run last.</summary>
    (bool Done, string? Error)? Request(LedgerConnection db) => db.First("SELECT done_us IS NOT NULL, error FROM request WHERE run_id=?1 AND run_id IS NOT NULL ORDER BY created_us DESC LIMIT 1",
        r => ((bool, string?)?)(r.Number(0) == 1, r.TextOrNull(1)), runId);
}
