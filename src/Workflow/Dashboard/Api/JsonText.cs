using System.Text.Json;
using System.Text.Json.Nodes;

namespace Workflow.Dashboard.Api;

/// <summary>JSON that is kept as text.</summary>
static class JsonText
{
    /// <summary>As a value; text that is no JSON stays text.</summary>
    public static JsonNode? Node(string? text)
    {
        try
        {
            return text is null ? null : JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return JsonValue.Create(text);
        }
    }
}
