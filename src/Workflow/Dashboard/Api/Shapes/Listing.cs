namespace Workflow.Dashboard.Api.Shapes;

/// <summary>A part of a list.</summary>
/// <param name="Items">The rows.</param>
/// <param name="Next">Give it as <c>after</c> to go on behind the last row; null at the list's end.</param>
sealed record Listing<T>(IReadOnlyList<T> Items, string? Next);
