using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Workflow.Stages;

/// <summary>How stages write JSON files: snake_case, no byte-order mark, one form for equal values.</summary>
static class StageJson
{
    /// <summary>Options of every JSON artifact.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Writes a value into an output slot.</summary>
    public static void WriteJson<T>(this StageContext context, string slot, string name, T value) =>
        File.WriteAllBytes(Path.Combine(context.OutputFolder(slot), name), JsonSerializer.SerializeToUtf8Bytes(value, Options));

    /// <summary>Reads a JSON file of an artifact.</summary>
    public static T ReadJson<T>(this InputArtifact artifact, string name) => JsonSerializer.Deserialize<T>(File.ReadAllBytes(artifact.PathOf(name)), Options)!;
}
