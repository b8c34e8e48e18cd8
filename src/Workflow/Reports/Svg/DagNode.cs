namespace Workflow.Reports.Svg;

/// <summary>A box of a graph.</summary>
/// <param name="Id">Unique in its graph.</param>
/// <param name="Label">First line.</param>
/// <param name="Detail">Second line: a short hash, a state, a count.</param>
/// <param name="Class">Look: "stage", "artifact", "state-running", ...; several are separated by spaces.</param>
/// <param name="Link">Local address the box leads to; null for none.</param>
public sealed record DagNode(string Id, string Label, string Detail = "", string Class = "stage", string? Link = null);
