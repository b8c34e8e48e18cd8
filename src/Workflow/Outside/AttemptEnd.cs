using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>How an attempt ended, in the words that metrics and traces use.</summary>
/// <param name="Job">Its job.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="Outcome">committed, failed, retried, cancelled, lost, stopped, fenced.</param>
/// <param name="ExitKind">ok, user, error, crash, timeout, ...</param>
/// <param name="Error">Message, or null.</param>
/// <param name="Started">When it began; null where its row is gone.</param>
readonly record struct AttemptEnd(string Job, string Stage, string Outcome, string ExitKind, string? Error, DateTimeOffset? Started)
{
    /// <summary>The end that an event tells of; null where it tells of none.</summary>
    public static AttemptEnd? Of(LedgerConnection db, EventRow e)
    {
        var outcome = e.Type switch
        {
            "node.committed" => "committed",
            "node.failed" => "failed",
            "node.retry" => "retried",
            "node.cancelled" => "cancelled",
            "node.lost" => "lost",
            "node.fenced" => "fenced",
            _ => null,
        };
        if (outcome is null || e.NodeId is null || e.Epoch is null)
        {
            return null;
        }

        var (started, kind, error) = db.First("SELECT started_us, exit_kind, error_text FROM attempt WHERE run_id=?1 AND node_id=?2 AND epoch=?3",
            r => ((DateTimeOffset?)LedgerTime.FromMicros(r.Number(0)), r.TextOrNull(1), r.TextOrNull(2)), e.RunId, e.NodeId, e.Epoch);
        return new AttemptEnd(JobOf(db, e.RunId), StageOf(e.NodeId), outcome == "lost" && kind == "stopped" ? "stopped" : outcome, kind ?? (outcome == "committed" ? "ok" : outcome), error, started);
    }

    /// <summary>The stage of a node.</summary>
    public static string StageOf(string nodeId) => nodeId.IndexOf('/') is var at and >= 0 ? nodeId[..at] : nodeId;

    /// <summary>The job of a run.</summary>
    public static string JobOf(LedgerConnection db, string? runId) => db.Text("SELECT pipeline FROM run WHERE run_id=?1", runId) ?? "";
}
