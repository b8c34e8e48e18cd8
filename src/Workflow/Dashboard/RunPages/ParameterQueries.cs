using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Dashboard.RunPages;

/// <summary>What was set, and what was set otherwise the time before.</summary>
static class ParameterQueries
{
    const int Most = 200;

    /// <summary>The run of the same job before this one, or null.</summary>
    public static string? Earlier(LedgerConnection db, string run) =>
        db.Text("SELECT e.run_id FROM run r JOIN run e ON e.pipeline=r.pipeline AND e.created_us<r.created_us WHERE r.run_id=?1 ORDER BY e.created_us DESC LIMIT 1", run);

    /// <summary>Options of a run's stages that differ from an earlier run's, stage by stage.</summary>
    public static List<ParameterChange> Changes(LedgerConnection db, string earlier, string run)
    {
        var before = Sets(db, earlier);
        var now = Sets(db, run);
        return now.Keys.Concat(before.Keys).Distinct(StringComparer.Ordinal).Where(s => before.GetValueOrDefault(s) != now.GetValueOrDefault(s))
            .SelectMany(s => Differences(s, Options(db, before.GetValueOrDefault(s)), Options(db, now.GetValueOrDefault(s)))).Take(Most).ToList();
    }

    /// <summary>Options of a set by path, in ordinal order: <c>training.batch_size</c>. Those that only say where or how fast it runs are among them.</summary>
    public static SortedDictionary<string, string> Options(LedgerConnection db, string? paramId)
    {
        var options = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var (semantic, operational) = paramId is null ? (null, null) : db.First("SELECT semantic_json, operational_json FROM param_set WHERE param_id=?1", r => (r.TextOrNull(0), r.TextOrNull(1)), paramId);
        foreach (var json in new[] { semantic, operational }.OfType<string>())
        {
            using var document = JsonDocument.Parse(json);
            Flatten(document.RootElement, "", options);
        }

        return options;
    }

    /// <summary>Where two sets of options differ.</summary>
    public static IEnumerable<ParameterChange> Differences(string stage, SortedDictionary<string, string> before, SortedDictionary<string, string> now) =>
        before.Keys.Union(now.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(k => new ParameterChange(stage, k, before.GetValueOrDefault(k), now.GetValueOrDefault(k))).Where(c => c.Before != c.Now);

    static Dictionary<string, string> Sets(LedgerConnection db, string run) =>
        db.Query("SELECT stage, param_id FROM node WHERE run_id=?1 AND kind<>'partition' ORDER BY ordinal, node_id", r => (Stage: r.Text(0), Set: r.Text(1)), run).ToDictionary(s => s.Stage, s => s.Set, StringComparer.Ordinal);

    static void Flatten(JsonElement value, string path, SortedDictionary<string, string> into)
    {
        if (value.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in value.EnumerateObject())
            {
                Flatten(property.Value, path.Length == 0 ? property.Name : $"{path}.{property.Name}", into);
            }
        }
        else
        {
            into[path] = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }
    }
}
