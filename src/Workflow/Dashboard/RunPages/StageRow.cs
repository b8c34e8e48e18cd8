namespace Workflow.Dashboard.RunPages;

/// <summary>A stage of a run with its partitions folded in.</summary>
/// <param name="Name">Name in the job.</param>
/// <param name="Uses">Kind of stage.</param>
/// <param name="State">State of its single or gathering node.</param>
/// <param name="Attempts">Attempts of the stage and its partitions.</param>
/// <param name="Partitions">Partitions; 0 where it is not split.</param>
/// <param name="PartitionsDone">Of these, succeeded or reused.</param>
/// <param name="Started">Start of the first attempt, or null.</param>
/// <param name="Ended">End of the last attempt, or null while one runs.</param>
/// <param name="Done">Units done by the running attempt.</param>
/// <param name="Total">Units in all; 0 unknown.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Message">What it is doing.</param>
/// <param name="Error">Newest error of an attempt, where the stage has not succeeded.</param>
public sealed record StageRow(string Name, string Uses, string State, long Attempts, long Partitions, long PartitionsDone, DateTimeOffset? Started, DateTimeOffset? Ended,
    long Done, long Total, string? Unit, string? Message, string? Error)
{
    /// <summary>Partitions by state.</summary>
    public IReadOnlyDictionary<string, long> PartitionStates { get; init; } = new Dictionary<string, long>();

    /// <summary>Attempts that failed or ran out of time.</summary>
    public long Failures { get; init; }

    /// <summary>When its node ended, or null.</summary>
    public DateTimeOffset? NodeEnded { get; init; }

    /// <summary>Start of the running attempt of an unsplit stage, or null.</summary>
    public DateTimeOffset? AttemptStarted { get; init; }

    /// <summary>Step that the running attempt resumed from, or null.</summary>
    public long? ResumedStep { get; init; }

    /// <summary>State to show: a gathering node that waits while partitions run is running.</summary>
    public string Shown => State is "waiting" or "ready" && Started is not null && (Ended is null || PartitionStates.GetValueOrDefault("ready") > 0) ? "running" : State;

    /// <summary>Partitions that were reused: they took no time.</summary>
    public long PartitionsReused => PartitionStates.GetValueOrDefault("reused");
}
