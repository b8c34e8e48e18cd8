using System.Text.Json;
using System.Text.RegularExpressions;

namespace Workflow.Tests.Outside;

/// <summary>
/// What OpenLineage 2-0-2 asks of a stream of run events, written down by hand from its specification: required members and their formats, facets with producer and schema,
/// one START and exactly one end per run, and names that fit together.
/// </summary>
static partial class OpenLineageRules
{
    static readonly string[] Ends = ["COMPLETE", "ABORT", "FAIL"];
    static readonly string[] Types = ["START", "RUNNING", "OTHER", .. Ends];

    /// <summary>What a receiver deduplicates by.</summary>
    public static string Key(JsonElement e) => $"{e.GetProperty("run").GetProperty("runId").GetString()}/{e.GetProperty("eventType").GetString()}"
        + (e.GetProperty("eventType").GetString() == "RUNNING" ? "/" + e.GetProperty("eventTime").GetString() : "");

    /// <summary>All that does not hold.</summary>
    /// <param name="events">Events in the order received; what came twice counts once.</param>
    /// <param name="open">Runs that may still be open.</param>
    public static List<string> Violations(IEnumerable<JsonElement> events, int open = 0)
    {
        var found = new List<string>();
        var stream = events.DistinctBy(Key).ToList();
        foreach (var e in stream)
        {
            Shape(e, found);
        }

        var unfinished = 0;
        foreach (var run in stream.GroupBy(RunId))
        {
            var types = run.Select(e => e.GetProperty("eventType").GetString()!).ToList();
            Check(types[0] == "START" && types.Count(t => t == "START") == 1, $"{run.Key} does not begin with its one START: {string.Join(' ', types)}");
            unfinished += types.Any(Ends.Contains) ? 0 : 1;
            Check(types.Count(Ends.Contains) <= 1 && !types.SkipLast(1).Any(Ends.Contains), $"{run.Key} does not end with its one end: {string.Join(' ', types)}");
            Check(run.Select(Job).Distinct().Count() == 1, $"{run.Key} is of several jobs");
            var times = run.Select(e => e.GetProperty("eventTime").GetString()!).ToList();
            Check(times.SequenceEqual(times.Order(StringComparer.Ordinal)), $"{run.Key} goes back in time");
        }

        Check(unfinished == open, $"{unfinished} runs are open, expected {open}");
        Names(stream, found);
        return found;

        void Check(bool holds, string what)
        {
            if (!holds)
            {
                found.Add(what);
            }
        }
    }

    static void Shape(JsonElement e, List<string> found)
    {
        var key = Key(e);
        Check(Types.Contains(e.GetProperty("eventType").GetString()), "eventType is none of the six");
        Check(Rfc3339().IsMatch(Text(e, "eventTime")) && DateTimeOffset.TryParse(Text(e, "eventTime"), out _), "eventTime is not RFC 3339");
        Check(IsUri(Text(e, "producer")), "producer is no URI");
        Check(Text(e, "schemaURL") == "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent", "schemaURL is not that of a run event");
        Check(Uuid().IsMatch(RunId(e)), "runId is no UUID");
        Check(Text(e.GetProperty("job"), "namespace").Length > 0 && Text(e.GetProperty("job"), "name").Length > 0, "the job has no name");
        Facets(e.GetProperty("run"), "facets");
        Facets(e.GetProperty("job"), "facets");
        foreach (var list in new[] { "inputs", "outputs" })
        {
            foreach (var dataset in e.GetProperty(list).EnumerateArray())
            {
                Check(Text(dataset, "namespace").Length > 0 && Text(dataset, "name").Length > 0, "a dataset has no name");
                Facets(dataset, "facets");
                Facets(dataset, list == "inputs" ? "inputFacets" : "outputFacets");
                Check(Version(dataset).Length > 0, "a dataset has no version");
            }
        }

        Check(e.GetProperty("outputs").GetArrayLength() == 0 || Text(e, "eventType") == "COMPLETE", "outputs before they are there");
        Check(Text(e, "eventType") is not ("FAIL" or "ABORT") || (e.GetProperty("run").GetProperty("facets").TryGetProperty("errorMessage", out var error) && Text(error, "programmingLanguage").Length > 0), "an end without its message");

        void Facets(JsonElement of, string member)
        {
            if (of.TryGetProperty(member, out var facets))
            {
                foreach (var facet in facets.EnumerateObject())
                {
                    Check(IsUri(Text(facet.Value, "_producer")), $"{facet.Name} has no _producer");
                    Check(IsUri(Text(facet.Value, "_schemaURL")) && Text(facet.Value, "_schemaURL").Contains("#/$defs/", StringComparison.Ordinal), $"{facet.Name} has no _schemaURL");
                }
            }
        }

        void Check(bool holds, string what)
        {
            if (!holds)
            {
                found.Add($"{key}: {what}");
            }
        }
    }

    /// <summary>Every attempt names its parent, which has begun; what is read was made before, in the same version, or lies outside.</summary>
    static void Names(List<JsonElement> stream, List<string> found)
    {
        var begun = new Dictionary<string, string>(StringComparer.Ordinal);
        var made = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var e in stream)
        {
            begun[RunId(e)] = Job(e);
            if (e.GetProperty("run").GetProperty("facets").TryGetProperty("parent", out var parent))
            {
                var id = Text(parent.GetProperty("run"), "runId");
                if (!begun.TryGetValue(id, out var job) || job != $"{Text(parent.GetProperty("job"), "namespace")} {Text(parent.GetProperty("job"), "name")}")
                {
                    found.Add($"{Key(e)}: its parent {id} has not begun, or is another job");
                }
            }
            else if (Text(e.GetProperty("job"), "name").Contains('.', StringComparison.Ordinal))
            {
                found.Add($"{Key(e)}: a stage without its run");
            }

            foreach (var dataset in e.GetProperty("inputs").EnumerateArray().Where(d => Text(d, "namespace") != "file"))
            {
                var name = $"{Text(dataset, "namespace")} {Text(dataset, "name")}";
                var version = Version(dataset);
                if (!made.TryGetValue(name, out var versions) || (!versions.Contains(version) && dataset.GetProperty("inputFacets").GetProperty("inputStatistics").GetProperty("fileCount").GetInt64() <= 1))
                {
                    found.Add($"{Key(e)}: reads {name} {version}, which nothing made");
                }
            }

            foreach (var dataset in e.GetProperty("outputs").EnumerateArray())
            {
                var name = $"{Text(dataset, "namespace")} {Text(dataset, "name")}";
                if (!made.TryGetValue(name, out var versions))
                {
                    made.Add(name, versions = new(StringComparer.Ordinal));
                }

                versions.Add(Version(dataset));
                if (!name.StartsWith(Job(e) + ".", StringComparison.Ordinal))
                {
                    found.Add($"{Key(e)}: {name} is not named after its job {Job(e)}");
                }
            }
        }
    }

    static string RunId(JsonElement e) => Text(e.GetProperty("run"), "runId");

    static string Job(JsonElement e) => $"{Text(e.GetProperty("job"), "namespace")} {Text(e.GetProperty("job"), "name")}";

    static string Text(JsonElement of, string member) => of.TryGetProperty(member, out var value) ? value.GetString() ?? "" : "";

    static string Version(JsonElement dataset) => dataset.GetProperty("facets").TryGetProperty("version", out var version) ? Text(version, "datasetVersion") : "";

    static bool IsUri(string text) => Uri.TryCreate(text, UriKind.Absolute, out _);

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$")]
    private static partial Regex Rfc3339();

    [GeneratedRegex("^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$")]
    private static partial Regex Uuid();
}
