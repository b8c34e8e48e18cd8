namespace Workflow.Lineage;

/// <summary>What is asked of a lineage graph for looking at.</summary>
/// <param name="Artifact">The artifact it starts from.</param>
public sealed record LineageQuestion(string Artifact)
{
    /// <summary>Whether to show what it was made from.</summary>
    public bool Up { get; init; } = true;

    /// <summary>Whether to show what was made of it.</summary>
    public bool Down { get; init; } = true;

    /// <summary>Stages to go in each direction.</summary>
    public int Depth { get; init; } = 4;

    /// <summary>As of this run: only attempts whose results it has, its own or reused. Null takes the attempt that made an artifact first, and all that read it.</summary>
    public string? Run { get; init; }

    /// <summary>Vertices at most.</summary>
    public int Most { get; init; } = 60;
}

/// <summary>A vertex of a folded graph.</summary>
/// <param name="Id">Unique in its graph.</param>
/// <param name="Type">artifact, stage (its partitions are one vertex) or file.</param>
/// <param name="Name">Kind of the artifact, name of the stage or of the file.</param>
/// <param name="Distance">Stages from the start: below zero up, above zero down.</param>
public sealed record FoldedVertex(string Id, string Type, string Name, int Distance)
{
    /// <summary>The artifact, or null.</summary>
    public string? ArtifactId { get; init; }

    /// <summary>The run whose stage it is, or null.</summary>
    public string? RunId { get; init; }

    /// <summary>The node to look at: the stage, or its one partition here.</summary>
    public string? NodeId { get; init; }

    /// <summary>Partitions folded into it; 1 where nothing is folded.</summary>
    public long Parts { get; init; } = 1;

    /// <summary>Rows of the artifact, or null.</summary>
    public long? Rows { get; init; }

    /// <summary>Bytes of the artifact.</summary>
    public long Size { get; init; }
}

/// <summary>Something that is there and not drawn.</summary>
/// <param name="What">In words: "documents 3f2a… was read by more stages than the 8 newest".</param>
/// <param name="Artifact">The artifact to go on from, or null.</param>
/// <param name="Up">Which way it goes on.</param>
public sealed record LineageCut(string What, string? Artifact, bool Up);

/// <summary>Lineage for looking at: bounded, partitions folded, and saying what it leaves out.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Vertices">By distance, then as found.</param>
/// <param name="Edges">In the direction of the data.</param>
/// <param name="Cuts">What is left out.</param>
public sealed record FoldedLineage(LineageQuestion Question, IReadOnlyList<FoldedVertex> Vertices, IReadOnlyList<LineageEdge> Edges, IReadOnlyList<LineageCut> Cuts);
