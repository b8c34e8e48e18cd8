namespace Workflow.Dashboard.Shell;

/// <summary>Local addresses.</summary>
static class Address
{
    /// <summary>A path with the parameters that are not empty.</summary>
    public static string Of(string path, params (string Name, object? Value)[] query)
    {
        var text = string.Join('&', query.Where(q => q.Value is not null && q.Value.ToString() is { Length: > 0 }).Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value!.ToString()!)}"));
        return text.Length == 0 ? path : $"{path}?{text}";
    }

    /// <summary>The page of a run.</summary>
    public static string Run(string run) => $"/runs/{Uri.EscapeDataString(run)}";

    /// <summary>The page of a node.</summary>
    public static string Node(string run, string node) => Format.NodeAddress(run, node);

    /// <summary>The page of an artifact.</summary>
    public static string Artifact(string id) => $"/artifacts/{Uri.EscapeDataString(id)}";
}
