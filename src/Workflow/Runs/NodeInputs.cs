using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>An artifact a node reads.</summary>
/// <param name="Slot">Slot; <c>partition:KEY:SLOT</c> for what a partition gives its gathering node.</param>
/// <param name="Ordinal">Position in the slot.</param>
/// <param name="ArtifactId">Artifact.</param>
/// <param name="Logical">Its logical hash.</param>
sealed record NodeInput(string Slot, int Ordinal, string ArtifactId, string Logical);

/// <summary>What a node reads, once its upstreams are done.</summary>
sealed class NodeInputs
{
    /// <summary>All inputs: the job's slots by name, then partitions by key.</summary>
    public required IReadOnlyList<NodeInput> All { get; init; }

    /// <summary>The job's slots.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<InputArtifact>> Slots { get; init; }

    /// <summary>For a gathering node: what each partition published, in key order.</summary>
    public required IReadOnlyList<IReadOnlyDictionary<string, InputArtifact>> Partitions { get; init; }

    /// <summary>Reads a node's inputs from the ledger.</summary>
    public static NodeInputs Load(LedgerConnection db, ArtifactStore store, string runId, PlannedNode node)
    {
        var all = new List<NodeInput>();
        var slots = new Dictionary<string, IReadOnlyList<InputArtifact>>(StringComparer.Ordinal);
        foreach (var (slot, refs) in node.Spec.From.OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var artifacts = new List<InputArtifact>();
            foreach (var reference in refs)
            {
                if (reference.ModelSlot is { } name)
                {
                    if (ModelSlots.Held(db, name) is { } held)
                    {
                        all.Add(new NodeInput(slot, artifacts.Count, held.ArtifactId, held.Logical));
                        artifacts.Add(Artifact(db, store, held.ArtifactId));
                    }

                    continue;
                }

                var (id, logical) = Outputs(db, runId, reference.Stage).FirstOrDefault(o => o.Slot == reference.Slot) is { Id: not null } found ? (found.Id, found.Logical)
                    : throw new WorkflowException($"{node.NodeId} reads {reference.Stage}.{reference.Slot}, but {reference.Stage} published no '{reference.Slot}'.");
                all.Add(new NodeInput(slot, artifacts.Count, id, logical));
                artifacts.Add(Artifact(db, store, id));
            }

            slots.Add(slot, artifacts);
        }

        var partitions = new List<IReadOnlyDictionary<string, InputArtifact>>();
        foreach (var upstream in node.Upstreams.Where(u => node.Kind == "gather" && u.StartsWith(node.Spec.Name + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            var given = new Dictionary<string, InputArtifact>(StringComparer.Ordinal);
            foreach (var (slot, id, logical) in Outputs(db, runId, upstream))
            {
                all.Add(new NodeInput($"partition:{upstream[(node.Spec.Name.Length + 1)..]}:{slot}", 0, id, logical));
                given.Add(slot, Artifact(db, store, id));
            }

            partitions.Add(given);
        }

        return new NodeInputs { All = all, Slots = slots, Partitions = partitions };
    }

    /// <summary>An artifact with the paths of its files.</summary>
    public static InputArtifact Artifact(LedgerConnection db, ArtifactStore store, string id)
    {
        var manifest = ArtifactRows.Load(db, id);
        return new InputArtifact(id, manifest, [.. manifest.Members.Select(m => store.PathOf(m.Hash))]);
    }

    static List<(string Slot, string Id, string Logical)> Outputs(LedgerConnection db, string runId, string nodeId) => db.Query("""
        SELECT e.slot, a.artifact_id, a.logical_hash FROM node n
        LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
        LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
        JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out' JOIN artifact a ON a.artifact_id=e.artifact_id
        WHERE n.run_id=?1 AND n.node_id=?2 ORDER BY e.slot
        """, r => (r.Text(0), r.Text(1), r.Text(2)), runId, nodeId);
}
