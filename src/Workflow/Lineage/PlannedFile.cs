using System.Text.Json;

namespace Workflow.Lineage;

/// <summary>A file outside the home that a node reads, as its plan names it.</summary>
/// <param name="Name">Name below the allowed root.</param>
/// <param name="Path">Where it lay.</param>
/// <param name="Hash">SHA-256 of its bytes when the run was planned.</param>
public sealed record PlannedFile(string Name, string Path, string Hash)
{
    /// <summary>The files of a stored plan.</summary>
    public static IReadOnlyList<PlannedFile> Of(string planJson)
    {
        using var plan = JsonDocument.Parse(planJson);
        return !plan.RootElement.TryGetProperty("Files", out var files) || files.ValueKind != JsonValueKind.Array ? []
            : [.. files.EnumerateArray().Select(f => new PlannedFile(Text(f, "Name"), Text(f, "Path"), Text(f, "Hash")))];
    }

    static string Text(JsonElement file, string name) => file.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";
}
