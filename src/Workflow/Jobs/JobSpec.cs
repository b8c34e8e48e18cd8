using Workflow.Stages;

namespace Workflow.Jobs;

/// <summary>A checked job: what a job file declares, with defaults filled in and <c>--set</c> applied.</summary>
public sealed record JobSpec
{
    /// <summary>Name of the pipeline.</summary>
    public required string Name { get; init; }

    /// <summary>One sentence for people; empty where not given.</summary>
    public string Description { get; init; } = "";

    /// <summary>Seed that every seeded choice derives from.</summary>
    public long Seed { get; init; } = 17;

    /// <summary>Threads of native libraries and parallel loops: part of the job, never of the load.</summary>
    public int Threads { get; init; } = 2;

    /// <summary>Higher goes first among the runs of a home; one step counts as much as having waited ten minutes longer.</summary>
    public int Priority { get; init; }

    /// <summary>Stages in declared order; a stage reads only earlier ones.</summary>
    public required IReadOnlyList<StageSpec> Stages { get; init; }

    /// <summary>When it runs by itself; not part of <see cref="Json"/>.</summary>
    public IReadOnlyList<ScheduleSpec> Schedules { get; init; } = [];

    /// <summary>Data sets that its runs make versions of, by name in ordinal order.</summary>
    public IReadOnlyDictionary<string, StageRef> Datasets { get; init; } = new Dictionary<string, StageRef>();

    /// <summary>Folder that relative paths start from (the repository root, else the job file's folder).</summary>
    public required string Root { get; init; }

    /// <summary>Absolute folders and files outside <see cref="Root"/> that the job may read, because the command line named them; ordinal order.</summary>
    public IReadOnlyList<string> AllowedRoots { get; init; } = [];

    /// <summary>The whole job as canonical JSON, enough to plan it again: stored with the run.</summary>
    public required string Json { get; init; }
}

/// <summary>One stage of a job.</summary>
public sealed record StageSpec
{
    /// <summary>Its name in the job.</summary>
    public required string Name { get; init; }

    /// <summary>What it does (<c>uses:</c>).</summary>
    public required IStage Stage { get; init; }

    /// <summary>Checked options (<c>with:</c>).</summary>
    public required object Options { get; init; }

    /// <summary>Options that enter the memo key, as canonical JSON (sorted keys, defaults included).</summary>
    public required string SemanticJson { get; init; }

    /// <summary>Options that do not ([Operational] ones), as canonical JSON.</summary>
    public required string OperationalJson { get; init; }

    /// <summary>Inputs by slot (<c>from:</c>).</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<StageRef>> From { get; init; }

    /// <summary>Tries of all classes together before the node fails; null counts by class alone.</summary>
    public int? MaxTries { get; init; }

    /// <summary>Most tries there can be, whatever the class.</summary>
    internal int MostTries => MaxTries ?? new[] { Retry.Transient, Retry.Resource, Retry.Data, Retry.Code }.Max();

    /// <summary>Tries by class of fault, and the waits between them.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>Wall-clock limit of one attempt; null is none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>An attempt that says nothing (no progress, metric or log line) for so long is stopped and tried again; null is never.</summary>
    public TimeSpan? Stall { get; init; }
}

/// <summary>An output slot of an earlier stage: <c>stage.slot</c>; or what a named slot holds when the node is looked at: <c>slot:NAME</c>.</summary>
/// <param name="Stage">The stage, or <c>slot:NAME</c>.</param>
/// <param name="Slot">Its output slot; <c>model</c> for a named slot.</param>
public readonly record struct StageRef(string Stage, string Slot)
{
    /// <summary>What a reference to a named slot begins with.</summary>
    public const string ModelSlotPrefix = "slot:";

    /// <summary>The named slot; null for a stage.</summary>
    public string? ModelSlot => Stage.StartsWith(ModelSlotPrefix, StringComparison.Ordinal) ? Stage[ModelSlotPrefix.Length..] : null;
}

/// <summary>Marks an option that changes how a stage works but not what it publishes; it stays out of the memo key.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OperationalAttribute : Attribute;
