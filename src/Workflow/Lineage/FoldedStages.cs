using Workflow.Ledger;

namespace Workflow.Lineage;

/// <summary>An attempt that made or read an artifact.</summary>
readonly record struct FoldedAttempt(string AttemptId, string RunId, string NodeId, string Kind, string Stage, string Slot);

/// <summary>A stage of a run with the attempts at it and its partitions.</summary>
/// <param name="Id">RUN/STAGE, with a mark where only partitions are meant.</param>
/// <param name="RunId">The run.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Name">What to call it: the stage, or its one partition.</param>
/// <param name="NodeId">The node to look at.</param>
/// <param name="Parts">Partitions folded into it, at least 1.</param>
/// <param name="Slot">The slot that led here.</param>
/// <param name="Lead">The attempt at the stage itself, or null where only partitions are known.</param>
/// <param name="Partitions">Attempts at partitions that led here.</param>
sealed record FoldedStage(string Id, string RunId, string Stage, string Name, string NodeId, long Parts, string Slot, string? Lead, IReadOnlyList<string> Partitions);

/// <summary>Folds attempts at a stage and its partitions into one, and tells what that one read and made.</summary>
sealed class FoldedStages(LedgerConnection db)
{
    /// <summary>Partitions whose inputs and files stand for those of all.</summary>
    const int Sampled = 40;

    const string PartitionSlots = "partition:";

    /// <summary>One per run and stage, in the order found.</summary>
    public List<FoldedStage> Fold(List<FoldedAttempt> attempts, bool up) => [.. attempts.GroupBy(a => (a.RunId, a.Stage)).Select(group =>
    {
        var all = group.ToList();
        var lead = all.Find(a => a.Kind != "partition");
        var partitions = all.Where(a => a.Kind == "partition").DistinctBy(a => a.AttemptId).ToList();
        var alone = lead.AttemptId is null && up;
        var parts = alone ? partitions.Count : db.Number("SELECT SUM(n) FROM node_tally WHERE run_id=?1 AND stage=?2 AND kind='partition'", group.Key.RunId, group.Key.Stage);
        var slot = all[0].Slot;
        return new FoldedStage($"{group.Key.RunId}/{group.Key.Stage}{(alone ? "/partitions" : "")}", group.Key.RunId, group.Key.Stage, alone && parts == 1 ? partitions[0].NodeId : group.Key.Stage,
            alone && parts == 1 ? partitions[0].NodeId : group.Key.Stage, Math.Max(1, parts), slot.StartsWith(PartitionSlots, StringComparison.Ordinal) ? slot[(slot.LastIndexOf(':') + 1)..] : slot,
            lead.AttemptId, [.. partitions.Select(p => p.AttemptId)]);
    })];

    /// <summary>What it read, its partitions' reads too; not what its partitions handed to it.</summary>
    public List<(string Slot, string Artifact)> Inputs(FoldedStage stage, int most)
    {
        var attempts = stage.Lead is null ? stage.Partitions.Take(Sampled) : [stage.Lead, .. stage.Parts > 1 ? Partitions(stage) : []];
        return [.. attempts.SelectMany(a => Edges(a, "in", most)).DistinctBy(e => e.Artifact).Take(most)];
    }

    /// <summary>What it made: of a partitioned stage, what gathers its partitions, and theirs only where nothing does.</summary>
    public List<(string Slot, string Artifact)> Outputs(FoldedStage stage, int most)
    {
        var lead = stage.Lead ?? Committed(stage.RunId, stage.Stage);
        return [.. (lead is null ? stage.Partitions.Take(Sampled) : [lead]).SelectMany(a => Edges(a, "out", most)).DistinctBy(e => e.Artifact).Take(most)];
    }

    /// <summary>Names of the files outside that it read, its partitions' too, and whether there are more.</summary>
    public (List<string> Names, bool More) Files(FoldedStage stage)
    {
        var plans = stage.Lead is not null || stage.Partitions.Count == 0
            ? db.Query("SELECT plan_json FROM node WHERE run_id=?1 AND stage=?2 AND kind='partition' LIMIT ?3", r => r.Text(0), stage.RunId, stage.Stage, Sampled + 1)
            : db.Query("SELECT plan_json FROM node WHERE run_id=?1 AND node_id=(SELECT node_id FROM attempt WHERE attempt_id=?2)", r => r.Text(0), stage.RunId, stage.Partitions[0]);
        if (stage.Lead is not null)
        {
            plans.AddRange(db.Query("SELECT plan_json FROM node WHERE run_id=?1 AND node_id=?2", r => r.Text(0), stage.RunId, stage.Stage));
        }

        return ([.. plans.SelectMany(p => PlannedFile.Of(p)).Select(f => f.Name).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)], plans.Count > Sampled);
    }

    List<string> Partitions(FoldedStage stage) => db.Query("""
        SELECT COALESCE((SELECT u.attempt_id FROM node_reuse u WHERE u.run_id=n.run_id AND u.node_id=n.node_id), (SELECT t.attempt_id FROM attempt t WHERE t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch))
        FROM node n WHERE n.run_id=?1 AND n.stage=?2 AND n.kind='partition' AND (n.state='succeeded' OR n.state='reused') LIMIT ?3
        """, r => r.TextOrNull(0), stage.RunId, stage.Stage, Sampled).OfType<string>().ToList();

    string? Committed(string run, string stage) => db.Text("""
        SELECT COALESCE((SELECT u.attempt_id FROM node_reuse u WHERE u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'), (SELECT t.attempt_id FROM attempt t WHERE t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch))
        FROM node n WHERE n.run_id=?1 AND n.node_id=?2 AND n.kind<>'partition'
        """, run, stage);

    // Two ranges of the key: what partitions handed to the node that gathers them lies between.
    List<(string Slot, string Artifact)> Edges(string attempt, string dir, int most) =>
    [
        .. db.Query("SELECT slot, artifact_id FROM edge WHERE attempt_id=?1 AND dir=?2 AND slot<'partition:' ORDER BY slot, ordinal LIMIT ?3", r => (r.Text(0), r.Text(1)), attempt, dir, most),
        .. db.Query("SELECT slot, artifact_id FROM edge WHERE attempt_id=?1 AND dir=?2 AND slot>='partition;' ORDER BY slot, ordinal LIMIT ?3", r => (r.Text(0), r.Text(1)), attempt, dir, most),
    ];
}
