using Workflow.Lineage;

namespace Workflow.Dashboard.LineagePages;

/// <summary>What a request asks of a lineage graph.</summary>
static class LineageQuery
{
    /// <summary>Depths to choose from.</summary>
    public static IReadOnlyList<int> Depths { get; } = [1, 2, 3, 4, 6, 10, 20];

    /// <summary>Numbers of boxes to choose from.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [30, 60, 120, 240];

    /// <summary>Reads <c>dir</c>, <c>depth</c>, <c>run</c>, <c>size</c>.</summary>
    public static LineageQuestion Of(HttpRequest request, string artifact) => new(artifact)
    {
        Up = request.Query["dir"] != "down",
        Down = request.Query["dir"] != "up",
        Depth = int.TryParse(request.Query["depth"], out var depth) && Depths.Contains(depth) ? depth : 4,
        Most = int.TryParse(request.Query["size"], out var size) && Sizes.Contains(size) ? size : 60,
        Run = request.Query["run"] is [{ Length: > 0 and < 100 } run] ? run : null,
    };

    /// <summary>The direction as its parameter says it; null for both.</summary>
    public static string? Direction(LineageQuestion question) => question is { Up: true, Down: true } ? null : question.Up ? "up" : "down";
}
