using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Stages;

namespace Workflow.Cli;

/// <summary>What a run decided of named slots, from its decision artifacts.</summary>
static class RunDecisions
{
    /// <summary>Each decision in the order of stages: the slot, what became of the candidate, and why.</summary>
    public static IReadOnlyList<SlotDecision> Of(HomePaths paths, IReadOnlyList<OutputRow> outputs) =>
        [.. outputs.Where(o => o.Artifact.Kind == PromoteStage.Decision && !o.NodeId.Contains('/')).Select(o => Read(paths, o.Artifact.Id)).OfType<SlotDecision>()];

    static SlotDecision? Read(HomePaths paths, string artifactId)
    {
        var manifest = ArtifactFiles.ManifestOf(paths, artifactId);
        if (ArtifactFiles.PathOf(paths, artifactId, PromoteStage.File) is not { } file || !manifest.Meta.TryGetValue(PromoteStage.SlotFact, out var slot))
        {
            return null;
        }

        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return new SlotDecision(slot, manifest.Meta[PromoteStage.VerdictFact], document.RootElement.GetProperty("reason").GetString()!);
    }
}
