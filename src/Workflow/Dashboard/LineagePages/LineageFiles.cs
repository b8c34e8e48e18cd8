using System.Text;
using Workflow.Lineage;
using Workflow.Outside;
using Workflow.Outside.OpenLineage;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Lineage as files, in the forms of the command line.</summary>
static class LineageFiles
{
    /// <summary>Vertices a download holds at most; the command line gives all.</summary>
    const int Most = 5000;

    /// <summary>A download: json, dot or openlineage.</summary>
    public static IResult Download(DashboardContext context, string id, string format, bool up)
    {
        var full = context.Ledger.Read(x => ArtifactQueries.Resolve(x, id));
        if (full is null || format is not ("json" or "dot" or "openlineage"))
        {
            return DashboardEndpoints.NotFound("lineage", $"{id} as {format}", "/lineage", "Find an artifact");
        }

        var graph = up ? context.Ledger.Up(full, Most) : context.Ledger.Down(full, Most);
        var name = $"lineage-{full[..Math.Min(12, full.Length)]}-{(up ? "up" : "down")}";
        return format switch
        {
            "json" => File(LineageText.ToJson(graph), "application/json", $"{name}.json"),
            "dot" => File(LineageText.ToDot(graph), "text/vnd.graphviz", $"{name}.dot"),
            _ => File(string.Join('\n', OpenLineageGraph.Lines(context.Ledger, graph, OutsideSettingsReader.Namespace(context.Paths, context.Ledger))), "application/x-ndjson", $"{name}.ndjson"),
        };
    }

    static IResult File(string text, string type, string name) => Results.File(Encoding.UTF8.GetBytes(text), type, name);
}
