namespace Workflow.Lineage;

/// <summary>A vertex of a lineage graph.</summary>
/// <param name="Id">artifact:HASH or attempt:ID or file:NAME.</param>
/// <param name="Type">artifact, attempt, file.</param>
/// <param name="Label">For people: "documents 3f2a…", "train (run …)", a file's name.</param>
/// <param name="Depth">Steps from the start.</param>
public sealed record LineageVertex(string Id, string Type, string Label, int Depth);

/// <summary>An edge in the direction of the data: what was read points to the attempt, the attempt to what it made.</summary>
/// <param name="From">Vertex.</param>
/// <param name="To">Vertex.</param>
/// <param name="Slot">Input or output slot.</param>
public sealed record LineageEdge(string From, string To, string Slot);

/// <summary>What something was made from (up), or what was made from it (down).</summary>
/// <param name="Start">The artifact asked about.</param>
/// <param name="Direction">up or down.</param>
/// <param name="Vertices">By depth, then id.</param>
/// <param name="Edges">In the direction of the data.</param>
public sealed record LineageGraph(string Start, string Direction, IReadOnlyList<LineageVertex> Vertices, IReadOnlyList<LineageEdge> Edges);
