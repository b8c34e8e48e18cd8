using System.Text.Json;
using Workflow.Jobs;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>A node of a plan.</summary>
/// <param name="NodeId">Stage name, or stage/key.</param>
/// <param name="Spec">The stage in the job.</param>
/// <param name="Kind">single, partition, gather.</param>
/// <param name="Ordinal">Position of the stage in the job.</param>
/// <param name="Partition">The partition, or null.</param>
/// <param name="Files">External files it reads, by name.</param>
/// <param name="Upstreams">Nodes it waits for.</param>
sealed record PlannedNode(string NodeId, StageSpec Spec, string Kind, int Ordinal, StagePartition? Partition, IReadOnlyList<ExternalFile> Files, IReadOnlyList<string> Upstreams)
{
    /// <summary>What planning found, as stored with the node: enough to run it without planning again.</summary>
    public string PlanJson => JsonSerializer.Serialize(new StoredPlan(Partition is null ? null : new StoredPartition(Partition.Key, Partition.Semantic), Files));

    /// <summary>The node again from what was stored.</summary>
    public static PlannedNode FromStored(string nodeId, StageSpec spec, string kind, int ordinal, string planJson, IReadOnlyList<string> upstreams)
    {
        var plan = JsonSerializer.Deserialize<StoredPlan>(planJson)!;
        var partition = plan.Partition is { } p ? new StagePartition(p.Key, p.Semantic, plan.Files) : null;
        return new PlannedNode(nodeId, spec, kind, ordinal, partition, plan.Files, upstreams);
    }

    internal sealed record StoredPartition(string Key, string Semantic);

    internal sealed record StoredPlan(StoredPartition? Partition, IReadOnlyList<ExternalFile> Files);
}
