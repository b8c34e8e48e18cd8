using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Workflow.Dashboard.Shell;

/// <summary>Where a page of a list ended: the values of the order's columns in its last row, opaque to readers. Lists go on behind it, so the millionth row costs as much as the first.</summary>
static class Cursor
{
    /// <summary>Writes a cursor of whole numbers and texts.</summary>
    public static string Of(params object[] values) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(new JsonArray([.. values.Select(v => v is long number ? JsonValue.Create(number) : (JsonNode)JsonValue.Create((string)v))]).ToJsonString()));

    /// <summary>Reads a cursor; null where the text is none, or has other values than <paramref name="types"/> says ('n' number, 't' text).</summary>
    public static object[]? Read(string? text, string types)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 2000)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(Base64Url.DecodeFromChars(text));
            var values = json.RootElement;
            return values.ValueKind == JsonValueKind.Array && values.GetArrayLength() == types.Length
                ? [.. values.EnumerateArray().Select((v, i) => types[i] == 'n' ? v.GetInt64() : (object)(v.GetString() ?? throw new FormatException()))]
                : null;
        }
        catch (Exception fault) when (fault is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
