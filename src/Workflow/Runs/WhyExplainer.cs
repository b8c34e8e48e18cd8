using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>Says in what a key differs from the nearest one computed before for the same stage.</summary>
static class WhyExplainer
{
    const int Candidates = 50;

    /// <summary>The differences, as found when the node was planned.</summary>
    public static IReadOnlyList<WhyDifference> Explain(LedgerConnection db, PlannedNode node, MemoKey key)
    {
        var invalid = db.Text("SELECT invalid_reason FROM memo WHERE memo_key=?1 AND invalid_us IS NOT NULL", key.Hash);
        if (invalid is not null)
        {
            return [new WhyDifference("blob", null, null, $"computed before, but {invalid}")];
        }

        var nearest = Near(db, node, key.Hash)
            .Select(old => Compare(db, old, key.Json)).OrderBy(d => d.Count).FirstOrDefault();
        return nearest ?? [new WhyDifference("none", null, null, $"no {node.Spec.Stage.Name} was computed in this home before")];
    }

    // The same node first, then its stage, then stages of its kind among what was computed last: each by an index, since 100,000 partitions ask one after the other.
    static List<string> Near(LedgerConnection db, PlannedNode node, string except)
    {
        var (uses, stage) = (node.Spec.Stage.Name, node.Spec.Name);
        var found = db.Query("SELECT key_json FROM memo INDEXED BY memo_node WHERE uses=?1 AND stage=?2 AND kind=?3 AND node_id=?4 AND memo_key<>?5 ORDER BY created_us DESC LIMIT ?6",
            r => r.Text(0), uses, stage, node.Kind, node.NodeId, except, Candidates);
        if (found.Count == 0)
        {
            found = db.Query("SELECT key_json FROM memo INDEXED BY memo_near WHERE uses=?1 AND stage=?2 AND kind=?3 AND memo_key<>?4 ORDER BY created_us DESC LIMIT ?5",
                r => r.Text(0), uses, stage, node.Kind, except, Candidates);
        }

        return found.Count > 0 ? found : db.Query("SELECT key_json FROM (SELECT * FROM memo INDEXED BY memo_newest ORDER BY created_us DESC LIMIT 1000) WHERE uses=?1 AND kind=?2 AND memo_key<>?3 LIMIT ?4",
            r => r.Text(0), uses, node.Kind, except, Candidates);
    }

    static List<WhyDifference> Compare(LedgerConnection db, string before, string after)
    {
        using var old = JsonDocument.Parse(before);
        using var now = JsonDocument.Parse(after);
        var found = new List<WhyDifference>();
        foreach (var name in Names(old.RootElement, now.RootElement))
        {
            var (a, b) = (Get(old.RootElement, name), Get(now.RootElement, name));
            switch (name)
            {
                case "inputs":
                    CompareInputs(db, a, b, found);
                    break;
                case "files":
                    CompareFiles(a, b, found);
                    break;
                default:
                    CompareValues(name is "options" or "environment" or "partition" ? name : name == "version" ? "stage version" : name, a, b, found);
                    break;
            }
        }

        return found;
    }

    static void CompareValues(string path, JsonElement? a, JsonElement? b, List<WhyDifference> found)
    {
        if (a is { ValueKind: JsonValueKind.Object } x && b is { ValueKind: JsonValueKind.Object } y)
        {
            foreach (var name in Names(x, y))
            {
                CompareValues($"{path}.{name}", Get(x, name), Get(y, name), found);
            }

            return;
        }

        var (before, after) = (Show(a), Show(b));
        if (before != after)
        {
            found.Add(new WhyDifference(path, before, after, $"{path} {before ?? "(absent)"} -> {after ?? "(absent)"}"));
        }
    }

    static void CompareFiles(JsonElement? a, JsonElement? b, List<WhyDifference> found)
    {
        var (before, after) = (Files(a), Files(b));
        if (after.Count > 0 && !before.Keys.Any(after.ContainsKey))
        {
            // The nearest key is that of another file: what became of that one is not the question here.
            before.Clear();
        }

        foreach (var name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (x, y) = (before.GetValueOrDefault(name), after.GetValueOrDefault(name));
            if (x != y)
            {
                found.Add(new WhyDifference($"file {name}", x, y, $"file {name} {(x is null ? "is new" : y is null ? "is gone" : "changed")}"));
            }
        }
    }

    static void CompareInputs(LedgerConnection db, JsonElement? a, JsonElement? b, List<WhyDifference> found)
    {
        var (before, after) = (Inputs(a), Inputs(b));
        foreach (var slot in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            var (x, y) = (before.GetValueOrDefault(slot), after.GetValueOrDefault(slot));
            if (x == y)
            {
                continue;
            }

            var detail = x is null ? "is new" : y is null ? "is gone" : "changed" + Members(db, x, y);
            found.Add(new WhyDifference($"input {slot}", x, y, $"input {slot} {detail}"));
        }
    }

    /// <summary>Which members of two artifacts differ, by their logical hashes.</summary>
    static string Members(LedgerConnection db, string before, string after)
    {
        var (x, y) = (ByLogical(db, before), ByLogical(db, after));
        var differ = x.Keys.Union(y.Keys).Where(n => x.GetValueOrDefault(n) != y.GetValueOrDefault(n)).Order(StringComparer.Ordinal).ToList();
        if (x.Count == 0 || y.Count == 0 || differ.Count == 0)
        {
            return "";
        }

        return $": member{(differ.Count > 1 ? "s" : "")} {string.Join(", ", differ.Take(5))}{(differ.Count > 5 ? $" and {differ.Count - 5} more" : "")}";
    }

    static Dictionary<string, string> ByLogical(LedgerConnection db, string logical)
    {
        var id = db.Text("SELECT artifact_id FROM artifact WHERE logical_hash=?1 ORDER BY created_us DESC LIMIT 1", logical);
        return id is null ? [] : ArtifactRows.Load(db, id).Members.ToDictionary(m => m.Name, m => m.Logical, StringComparer.Ordinal);
    }

    static Dictionary<string, string> Files(JsonElement? e) =>
        e is { } files ? files.EnumerateArray().ToDictionary(f => f.GetProperty("name").GetString()!, f => f.GetProperty("hash").GetString()!, StringComparer.Ordinal) : [];

    static Dictionary<string, string> Inputs(JsonElement? e) => e is { } inputs ? inputs.EnumerateArray().ToDictionary(
        i => i.GetProperty("ordinal").GetInt32() is var n and > 0 ? $"{i.GetProperty("slot").GetString()}[{n}]" : i.GetProperty("slot").GetString()!,
        i => i.GetProperty("logical").GetString()!, StringComparer.Ordinal) : [];

    static IEnumerable<string> Names(JsonElement a, JsonElement b) =>
        a.EnumerateObject().Select(p => p.Name).Union(b.EnumerateObject().Select(p => p.Name)).Order(StringComparer.Ordinal);

    static JsonElement? Get(JsonElement e, string name) => e.TryGetProperty(name, out var value) ? value : null;

    static string? Show(JsonElement? e) => e is { } value ? value.ValueKind == JsonValueKind.String ? value.GetString() : CanonicalJson.Of(value) : null;
}
