using System.Text;
using System.Text.Json;

namespace Workflow.Dashboard.RunPages;

/// <summary>A stage as its job declares it, written as in a job file.</summary>
/// <param name="Short">What it uses, what it reads, how it is tried; its options without those whose value is nothing.</param>
/// <param name="Whole">With every option.</param>
public sealed record CallSnippet(string Short, string Whole)
{
    const int MostShort = 24;

    /// <summary>Reads the stage out of a stored job; empty where the job does not name it.</summary>
    public static CallSnippet Of(string jobJson, string stage)
    {
        using var job = JsonDocument.Parse(jobJson);
        if (job.RootElement.ValueKind != JsonValueKind.Object || !job.RootElement.TryGetProperty("stages", out var stages)
            || stages.EnumerateArray().FirstOrDefault(s => s.GetProperty("name").GetString() == stage) is not { ValueKind: JsonValueKind.Object } found)
        {
            return new CallSnippet("", "");
        }

        var whole = Write(stage, found, everything: true);
        var brief = Write(stage, found, everything: false);
        var lines = brief.Split('\n');
        return new CallSnippet(lines.Length > MostShort ? string.Join('\n', lines[..MostShort]) + "\n    # …" : brief, whole);
    }

    static string Write(string name, JsonElement stage, bool everything)
    {
        var text = new StringBuilder(name).Append(':');
        foreach (var property in stage.EnumerateObject().Where(p => p.Name is not "name").OrderBy(p => p.Name switch { "uses" => 0, "from" => 1, "with" => 3, _ => 2 }))
        {
            Add(text, property.Name, property.Value, 1, everything);
        }

        return text.ToString();
    }

    static void Add(StringBuilder text, string name, JsonElement value, int depth, bool everything)
    {
        if (!everything && Nothing(value))
        {
            return;
        }

        text.Append('\n').Append(' ', depth * 2).Append(name).Append(':');
        if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Any())
        {
            foreach (var property in value.EnumerateObject())
            {
                Add(text, property.Name, property.Value, depth + 1, everything);
            }
        }
        else
        {
            text.Append(' ').Append(Scalar(value));
        }
    }

    static bool Nothing(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.Array => value.GetArrayLength() == 0,
        JsonValueKind.Object => value.EnumerateObject().All(p => Nothing(p.Value)),
        JsonValueKind.String => value.GetString()!.Length == 0,
        _ => false,
    };

    static string Scalar(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { Length: > 0 } text && text.All(c => char.IsLetterOrDigit(c) || c is '_' or '-' or '.' or '/') => text,
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(Scalar))}]",
        _ => value.GetRawText(),
    };
}
