namespace Workflow.Dashboard.Overview;

/// <summary>A run that runs now.</summary>
/// <param name="Run">Its id.</param>
/// <param name="Job">Its job.</param>
/// <param name="Started">Its start.</param>
/// <param name="Interrupted">Whether the process that ran it is proven dead.</param>
/// <param name="Stages">Its stages in order, each with its state.</param>
/// <param name="Work">What runs.</param>
/// <param name="More">How much more runs than is told.</param>
public sealed record RunningRun(string Run, string Job, DateTimeOffset Started, bool Interrupted, IReadOnlyList<(string Name, string State)> Stages, IReadOnlyList<RunningStage> Work, long More);

/// <summary>A stage that runs now.</summary>
/// <param name="Name">Stage.</param>
/// <param name="Done">Units done.</param>
/// <param name="Total">Units in all; 0 unknown.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Message">What it does.</param>
/// <param name="Left">Time left at the pace so far, or null.</param>
public sealed record RunningStage(string Name, long Done, long Total, string? Unit, string? Message, TimeSpan? Left);

/// <summary>A run in a short list.</summary>
public sealed record ShortRun(string Run, string Job, string State, long Done, long Nodes, DateTimeOffset Created, DateTimeOffset? Started, DateTimeOffset? Ended);

/// <summary>A fire time to come.</summary>
public sealed record NextFire(string Key, DateTimeOffset Time);

/// <summary>Something that waits for a person.</summary>
/// <param name="Look">bad or warn.</param>
/// <param name="What">What it is.</param>
/// <param name="Link">Where to act.</param>
/// <param name="Detail">Why, or what to do.</param>
/// <param name="Time">When, or null.</param>
public sealed record Concern(string Look, string What, string Link, string Detail, DateTimeOffset? Time);
