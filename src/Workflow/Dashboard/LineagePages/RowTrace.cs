namespace Workflow.Dashboard.LineagePages;

/// <summary>A step of the way from a row back to its source.</summary>
/// <param name="Title">What it is: "Row 12 of mined", "Pair", "Document", "Source row".</param>
/// <param name="Place">Where it lies, in words.</param>
/// <param name="Link">Local address of what it lies in, or null.</param>
/// <param name="Fields">Its fields.</param>
/// <param name="Note">What could not be told and why, or null.</param>
public sealed record TraceStep(string Title, string Place, string? Link, IReadOnlyList<(string Name, string Value)> Fields, string? Note = null);

/// <summary>Where a row came from, the row first.</summary>
/// <param name="Steps">From the row to its source.</param>
public sealed record RowTrace(IReadOnlyList<TraceStep> Steps);
