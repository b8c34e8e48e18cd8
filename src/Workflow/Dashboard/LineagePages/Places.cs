using Workflow.Dashboard.Shell;

namespace Workflow.Dashboard.LineagePages;

/// <summary>Local addresses of data and lineage.</summary>
static class Places
{
    /// <summary>The page of a data set.</summary>
    public static string DataSet(string name) => $"/datasets/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    /// <summary>The lineage of an artifact.</summary>
    public static string Lineage(string artifact, params (string Name, object? Value)[] query) => Address.Of($"/lineage/{Uri.EscapeDataString(artifact)}", query);

    /// <summary>A row of an artifact's file, and where it came from.</summary>
    public static string Row(string artifact, string file, long row) => Address.Of($"/artifacts/{Uri.EscapeDataString(artifact)}/row", ("file", file), ("row", row));
}
