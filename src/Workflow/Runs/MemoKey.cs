using System.Collections.Concurrent;
using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>
/// What decides a node's outputs, as canonical JSON, and its hash: <c>{v, stage, version, code, options, seed, inputs: [{slot, ordinal, logical}], files: [{name, hash}], partition, environment, format}</c>.
/// Equal keys may share outputs; the stored JSON answers why two keys differ.
/// </summary>
/// <param name="Hash">SHA-256 of <paramref name="Json"/>.</param>
/// <param name="Json">The key.</param>
/// <param name="CodeHash">Hash of the stage's name, version and code.</param>
sealed record MemoKey(string Hash, string Json, string CodeHash)
{
    const int Version = 1;

    static readonly ConcurrentDictionary<(string Name, string Version, string Code), string> Codes = new();

    /// <summary>Hash of a stage's name, version and code.</summary>
    public static string StageCode(IStage stage) =>
        Codes.GetOrAdd((stage.Name, stage.Version, stage.Code), static c => CanonicalJson.Hash(JsonSerializer.Serialize(new[] { c.Name, c.Version, c.Code })));

    /// <summary>The key of a node.</summary>
    public static MemoKey Of(JobSpec job, PlannedNode node, NodeInputs inputs, string environmentClass)
    {
        var stage = node.Spec.Stage;
        var text = CanonicalJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("code", stage.Code);
            if (stage.EnvironmentSensitive)
            {
                json.WriteStartObject("environment");
                json.WriteString("class", environmentClass);
                json.WriteNumber("threads", job.Threads);
                json.WriteEndObject();
            }

            json.WriteStartArray("files");
            foreach (var file in node.Files)
            {
                json.WriteStartObject();
                json.WriteString("hash", file.Hash);
                json.WriteString("name", file.Name);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("inputs");
            foreach (var input in inputs.All)
            {
                json.WriteStartObject();
                json.WriteString("logical", input.Logical);
                json.WriteNumber("ordinal", input.Ordinal);
                json.WriteString("slot", input.Slot);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteString("kind", node.Kind);
            json.WritePropertyName("options");
            json.WriteRawValue(CanonicalJson.Of(node.Spec.SemanticJson));
            json.WritePropertyName("partition");
            json.WriteRawValue(CanonicalJson.Of(node.Partition?.Semantic ?? "null"));
            json.WriteNumber("seed", job.Seed);
            json.WriteString("stage", stage.Name);
            json.WriteNumber("v", Version);
            json.WriteString("version", stage.Version);
            json.WriteEndObject();
        });
        return new MemoKey(CanonicalJson.Hash(text), text, StageCode(stage));
    }
}
