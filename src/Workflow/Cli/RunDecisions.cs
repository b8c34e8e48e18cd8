using System.Text.Json;
using System.Text.Json.Nodes;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Stages;

namespace Workflow.Cli;

/// <summary>What a run decided of named slots, from its decision artifacts.</summary>
static class RunDecisions
{
    /// <summary>Each decision in the order of stages: the slot, what became of the candidate, and why.</summary>
    public static IReadOnlyList<(string Slot, string Verdict, string Reason)> Of(HomePaths paths, RunDetail run) =>
        [.. run.Outputs.Where(o => o.Artifact.Kind == PromoteStage.Decision && !o.NodeId.Contains('/')).Select(o => Read(paths, o.Artifact.Id)).OfType<(string, string, string)>()];

    /// <summary><c>{"nightly":{"verdict":"keep","reason":"..."}}</c>; null where nothing was decided.</summary>
    public static JsonObject? Json(HomePaths paths, RunDetail run)
    {
        var json = new JsonObject();
        foreach (var (slot, verdict, reason) in Of(paths, run))
        {
            json[slot] = new JsonObject { ["verdict"] = verdict, ["reason"] = reason };
        }

        return json.Count == 0 ? null : json;
    }

    static (string Slot, string Verdict, string Reason)? Read(HomePaths paths, string artifactId)
    {
        var manifest = ArtifactFiles.ManifestOf(paths, artifactId);
        if (ArtifactFiles.PathOf(paths, artifactId, PromoteStage.File) is not { } file || !manifest.Meta.TryGetValue(PromoteStage.SlotFact, out var slot))
        {
            return null;
        }

        using var document = JsonDocument.Parse(File.ReadAllText(file));
        return (slot, manifest.Meta[PromoteStage.VerdictFact], document.RootElement.GetProperty("reason").GetString()!);
    }
}
