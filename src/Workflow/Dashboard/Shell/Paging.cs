namespace Workflow.Dashboard.Shell;

/// <summary>Which part of a list is asked for.</summary>
/// <param name="After">Cursor of the row before its first, or null for the list's start.</param>
/// <param name="Size">Rows at most.</param>
public sealed record Paging(string? After, int Size)
{
    /// <summary>Sizes to choose from.</summary>
    public static IReadOnlyList<int> Sizes { get; } = [10, 20, 50, 100, 500, 1000, 5000];

    /// <summary>What a request asks for, in its parameters <c>after</c> and <c>size</c>; 20 rows unless it says otherwise.</summary>
    public static Paging Of(HttpRequest request) =>
        new(request.Query["after"] is [{ Length: > 0 } after] ? after : null, int.TryParse(request.Query["size"], out var size) && Sizes.Contains(size) ? size : 20);
}
