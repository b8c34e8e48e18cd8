using System.Text.Json;

namespace Workflow.Dashboard.StatePages;

/// <summary>Counters as JSON for whoever polls them: <c>/stats?metrics=failed:count&amp;metrics=servers:count</c>, or with commas; all without any.</summary>
static class StatsAnswer
{
    // Written as they are, a value that is null too: whoever polls finds each field.
    static readonly JsonSerializerOptions Shape = new(JsonSerializerDefaults.Web);

    /// <summary>The counters asked for, by name; a name that is none is left out.</summary>
    public static IResult Of(HttpContext http, DashboardContext context)
    {
        var asked = http.Request.Query["metrics"].Concat(http.Request.Query["metrics[]"]).SelectMany(m => (m ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct(StringComparer.Ordinal).ToList();
        var counts = Counters.Of(http, context);
        var found = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var metric in (asked.Count > 0 ? asked : Metric.Names).Select(n => Metric.Of(n, counts, context)).OfType<Metric>())
        {
            found[metric.Name] = new { value = metric.Text, intValue = metric.Number, style = metric.Look, highlighted = metric.Look is "bad" or "warn", title = metric.Title };
        }

        return Results.Json(found, Shape);
    }
}
