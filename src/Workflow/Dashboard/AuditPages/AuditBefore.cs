using System.Text.Json;

namespace Workflow.Dashboard.AuditPages;

/// <summary>What was before an act, in words.</summary>
static class AuditBefore
{
    const int LongestValue = 200;

    /// <summary>Names and values of what was before, those that say nothing left out; a text that is no JSON object as it is.</summary>
    public static IReadOnlyList<(string Name, string Value)> Read(string? json)
    {
        if (string.IsNullOrEmpty(json))
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind != JsonValueKind.Object ? [("", Cut(json))]
                : [.. document.RootElement.EnumerateObject().Where(p => p.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)).Select(p => (p.Name, Cut(p.Value.ToString())))];
        }
        catch (JsonException)
        {
            return [("", Cut(json))];
        }
    }

    static string Cut(string text) => text.Length > LongestValue ? text[..LongestValue] + "…" : text;
}
