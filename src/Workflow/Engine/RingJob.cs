using Quartz;

namespace Workflow.Engine;

/// <summary>What Quartz calls when a trigger fires.</summary>
/// <param name="Open">Takes the ring, whether it is an alarm that fired in this process, and the firing's cancellation; completes when the ring is dealt with.</param>
sealed record RingDoor(Func<EngineRing, bool, CancellationToken, Task> Open);

/// <summary>The one job: rings, and is unfinished, so recovered after a crash, until somebody has dealt with the ring.</summary>
sealed class RingJob(RingDoor door) : IJob
{
    public const string Kind = "kind";
    public const string Key = "key";

    /// <inheritdoc/>
    public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken = default)
    {
        // From the firing's data, not the trigger's key: a recovery has a trigger of its own.
        var data = context.MergedJobDataMap;
        var ring = new EngineRing(Enum.Parse<RingKind>((string)data[Kind]!), (string)data[Key]!);
        return new ValueTask(door.Open(ring, context.Trigger.Key.Group == QuartzStore.Alarms, cancellationToken));
    }
}
