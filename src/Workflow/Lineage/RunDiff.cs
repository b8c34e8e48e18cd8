namespace Workflow.Lineage;

/// <summary>A run as one side of a comparison.</summary>
/// <param name="RunId">Full id.</param>
/// <param name="Job">Name of the job.</param>
/// <param name="State">Its state.</param>
/// <param name="Created">When it was asked for.</param>
/// <param name="TookSeconds">From its first stage to its end; null where it has not ended.</param>
public sealed record DiffRun(string RunId, string Job, string State, DateTimeOffset Created, double? TookSeconds);

/// <summary>A value of both runs; null where a run does not have it.</summary>
/// <param name="Name">What it is: "train.temperature", "seed", "git", "mine stage version".</param>
/// <param name="Before">Of the earlier run.</param>
/// <param name="After">Of the later run.</param>
public sealed record DiffValue(string Name, string? Before, string? After)
{
    /// <summary>Whether both are equal.</summary>
    public bool Same => Before == After;
}

/// <summary>An artifact as one side of a comparison.</summary>
/// <param name="ArtifactId">The artifact.</param>
/// <param name="Logical">Hash of its content whatever the codec: equal content has equal hashes.</param>
/// <param name="Rows">Rows or null.</param>
/// <param name="Size">Bytes.</param>
public sealed record DiffArtifact(string ArtifactId, string Logical, long? Rows, long Size);

/// <summary>An input or output of a stage in both runs.</summary>
/// <param name="Stage">Stage.</param>
/// <param name="Direction">in or out.</param>
/// <param name="Slot">Slot; with [n] where it has several.</param>
/// <param name="Before">Of the earlier run, or null.</param>
/// <param name="After">Of the later run, or null.</param>
public sealed record DiffData(string Stage, string Direction, string Slot, DiffArtifact? Before, DiffArtifact? After)
{
    /// <summary>same, changed, new or gone.</summary>
    public string Change => Before is null ? "new" : After is null ? "gone" : Before.Logical == After.Logical ? "same" : "changed";
}

/// <summary>A stage as one side of a comparison.</summary>
/// <param name="State">Its state.</param>
/// <param name="Seconds">From its first attempt's start, its partitions' too, to the last one's end; null where it did not run.</param>
/// <param name="Partitions">Partitions.</param>
/// <param name="Attempts">Attempts, its partitions' too.</param>
public sealed record DiffStage(string State, double? Seconds, long Partitions, long Attempts);

/// <summary>A stage in both runs.</summary>
/// <param name="Stage">Its name.</param>
/// <param name="Before">Of the earlier run, or null.</param>
/// <param name="After">Of the later run, or null.</param>
public sealed record DiffStages(string Stage, DiffStage? Before, DiffStage? After);

/// <summary>A figure of both runs: a score, or the last value of a training's series.</summary>
/// <param name="Group">System or stage.</param>
/// <param name="Name">Metric.</param>
/// <param name="Before">Of the earlier run, or null.</param>
/// <param name="After">Of the later run, or null.</param>
public sealed record DiffFigure(string Group, string Name, double? Before, double? After)
{
    /// <summary>Later less earlier; null where one is missing.</summary>
    public double? Difference => After - Before;

    /// <summary>Lower end of the paired 95 % interval of the difference, where rows per query are there and were compared.</summary>
    public double? Low { get; init; }

    /// <summary>Upper end of it.</summary>
    public double? High { get; init; }

    /// <summary>Queries compared.</summary>
    public int? Queries { get; init; }
}

/// <summary>Two runs side by side, the earlier one first, whichever way they were named.</summary>
public sealed record RunDiff
{
    /// <summary>The earlier run.</summary>
    public required DiffRun Before { get; init; }

    /// <summary>The later run.</summary>
    public required DiffRun After { get; init; }

    /// <summary>Every option of every stage, seed and threads.</summary>
    public required IReadOnlyList<DiffValue> Parameters { get; init; }

    /// <summary>What each stage read and published.</summary>
    public required IReadOnlyList<DiffData> Data { get; init; }

    /// <summary>Files outside that only one run read, or whose bytes differ.</summary>
    public required IReadOnlyList<DiffValue> Files { get; init; }

    /// <summary>Whether there are more files or artifacts than were compared.</summary>
    public bool Cut { get; init; }

    /// <summary>Commit, build, and the code of each stage.</summary>
    public required IReadOnlyList<DiffValue> Code { get; init; }

    /// <summary>Hosts, and the classes that bit-exact stages depend on.</summary>
    public required IReadOnlyList<DiffValue> Environment { get; init; }

    /// <summary>Scores of the last evaluation, by system.</summary>
    public required IReadOnlyList<DiffFigure> Scores { get; init; }

    /// <summary>Last values of metric series, by stage.</summary>
    public required IReadOnlyList<DiffFigure> Figures { get; init; }

    /// <summary>State and time of each stage.</summary>
    public required IReadOnlyList<DiffStages> Stages { get; init; }

    /// <summary>Tables of values per query of both runs' last evaluations, where both have one: earlier and later path.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public (string Before, string After)? PerQuery { get; init; }
}
