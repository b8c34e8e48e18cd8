using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>Why a node ran or did not.</summary>
/// <param name="NodeId">Node.</param>
/// <param name="State">Its state.</param>
/// <param name="Result">hit, miss, or null where it was not looked up.</param>
/// <param name="ReusedFromRun">For a hit: the run whose outputs it took.</param>
/// <param name="Differences">For a miss: how its key differs from the nearest one computed before.</param>
/// <param name="KeyJson">The key, or null.</param>
public sealed record WhyRow(string NodeId, string State, string? Result, string? ReusedFromRun, IReadOnlyList<WhyDifference> Differences, string? KeyJson)
{
    /// <summary>For a miss that took single results over: how many were computed anew.</summary>
    public IReadOnlyList<ReuseCount> Reuse { get; init; } = [];
}

/// <summary>How much of a stage's work was computed anew and how much taken over from its last run.</summary>
/// <param name="Words">What was counted: "documents encoded anew".</param>
/// <param name="Total">How many there are.</param>
/// <param name="Anew">How many of them were not taken over.</param>
/// <param name="FromRun">The run the others were taken from; null where there was none.</param>
public sealed record ReuseCount(string Words, long Total, long Anew, string? FromRun)
{
    /// <summary>For people: "12 of 340 documents encoded anew, 328 taken from run X".</summary>
    public string Text => $"{Anew} of {Total} {Words}{(FromRun is null ? "" : $", {Total - Anew} taken from run {FromRun}")}";
}

/// <summary>Answers "why did this not hit?" as it was found when the node was planned.</summary>
public static class WhyQueries
{
    /// <summary>Why, for a stage and its partitions, or for one node.</summary>
    /// <param name="ledger">The ledger.</param>
    /// <param name="runId">Full run id.</param>
    /// <param name="stage">Stage name or node id.</param>
    /// <exception cref="WorkflowException">No such stage.</exception>
    public static IReadOnlyList<WhyRow> Why(this LedgerDb ledger, string runId, string stage) => ledger.Read<IReadOnlyList<WhyRow>>(db =>
    {
        var rows = db.Query("""
            SELECT n.node_id, n.state, n.memo_result, t.run_id, n.why_json, n.key_json FROM node n
            LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id LEFT JOIN attempt t ON t.attempt_id=u.attempt_id
            WHERE n.run_id=?1 AND (n.node_id=?2 OR n.stage=?2) ORDER BY n.kind='gather', n.node_id
            """, r => new WhyRow(r.Text(0), r.Text(1), r.TextOrNull(2), r.TextOrNull(3), JsonSerializer.Deserialize<List<WhyDifference>>(r.TextOrNull(4) ?? "[]")!, r.TextOrNull(5)), runId, stage);
        return rows.Count > 0 ? [.. rows.Select(row => row with { Reuse = PreviousResults.Counts(db, runId, row.NodeId) })] : throw new WorkflowException(
            $"Run {runId} has no stage '{stage}'. Stages: {string.Join(", ", db.Query("SELECT DISTINCT stage FROM node WHERE run_id=?1 ORDER BY ordinal", r => r.Text(0), runId))}.", exitCode: 2);
    });
}
