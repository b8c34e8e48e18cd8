using Workflow.Engine;
using Workflow.Jobs;
using Workflow.Stages;

namespace Workflow.Runs;

/// <summary>How a process executes runs.</summary>
public sealed record HostOptions
{
    /// <summary>Job files, and folders of them, whose schedules a served home keeps; absolute.</summary>
    public IReadOnlyList<string> ServedJobs { get; init; } = [];

    /// <summary>Reads the job files of schedules; null keeps no schedules.</summary>
    public Schedules.ScheduledJobReader? ScheduledJobs { get; init; }

    /// <summary>Takes a line about what a served home does by itself.</summary>
    public Action<string> Log { get; init; } = static _ => { };

    /// <summary>Reads a stored job (<see cref="JobSpec.Json"/>) back.</summary>
    public required Func<string, JobSpec> JobFromJson { get; init; }

    /// <summary>Clock: stamps, backoff, and the monotonic clock of the liveness detector.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>How many nodes of a slot class run at once.</summary>
    public IReadOnlyDictionary<string, int> Slots { get; init; } = new Dictionary<string, int> { ["cpu"] = 1, ["gpu"] = 1 };

    /// <summary>Time between heartbeats (T_hb).</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A worker that could not write a heartbeat for so long stops by itself (T_self, at most half of <see cref="Takeover"/>).</summary>
    public TimeSpan SelfFence { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>An attempt whose heartbeat counter stood still for so long on the observer's monotonic clock is taken over (T_takeover).</summary>
    public TimeSpan Takeover { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Wait before the second try; doubles with each.</summary>
    public TimeSpan Backoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Longest wait between tries.</summary>
    public TimeSpan BackoffLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>What one step of priority counts as, in waiting time: a run of lower priority that has waited so much longer goes first.</summary>
    public TimeSpan Ageing { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How often the ledger is looked at without a ring.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>What a cancelled stage is given before it is killed.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a lock whose holder is dying is waited for.</summary>
    public TimeSpan LockWait { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Class of environment that stages with <see cref="IStage.EnvironmentSensitive"/> put into their memo key: processor, BLAS, libtorch, device.</summary>
    public Func<string> EnvironmentClass { get; init; } = () => System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;

    /// <summary>The doorbell of a served home.</summary>
    public Func<Artifacts.HomePaths, TimeProvider, IJobEngine> Engine { get; init; } = (_, time) => new InlineEngine(time);

    /// <summary>How the history is told to the outside.</summary>
    public Outside.OutsideOptions Outside { get; init; } = new();

    /// <summary>Program and first arguments that answer <c>stage-child --request FILE</c>; null is this program.</summary>
    public IReadOnlyList<string>? ChildCommand { get; init; }

    internal Fence Fence { get; init; } = new();

    internal Func<Artifacts.HomePaths, Artifacts.ArtifactStore> Store { get; init; } = home => new Artifacts.ArtifactStore(home);

    internal Func<Home, NodeCommits> Commits { get; init; } = home => new NodeCommits(home);
}
