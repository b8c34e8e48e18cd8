using System.Text.Json;
using System.Text.Json.Serialization;

namespace Workflow.Stages;

/// <summary>A stage's options on their way to a child process: every option record must come back equal from this.</summary>
public static class ChildOptions
{
    static readonly JsonSerializerOptions Settings = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>Writes options of a type.</summary>
    public static string Write(object options, Type type) => JsonSerializer.Serialize(options, type, Settings);

    /// <summary>Reads them back.</summary>
    public static object Read(string json, Type type) => JsonSerializer.Deserialize(json, type, Settings)
        ?? throw new WorkflowException($"The options of {type.Name} came as null.");
}
