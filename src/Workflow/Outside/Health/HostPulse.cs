using Workflow.Artifacts;
using Workflow.Engine;
using Workflow.Ledger;
using Workflow.Outside.Metrics;
using Workflow.Runs;

namespace Workflow.Outside.Health;

/// <summary>What a process that serves a home knows of itself: shared by its scheduler, its supervisor and its endpoints.</summary>
public sealed class HostPulse
{
    readonly TaskCompletionSource attached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal HistoryMetrics History { get; } = new();

    internal HistoryTail? Tail { get; set; }

    internal ServedHome? Served { get; private set; }

    /// <summary>Completes once the home is served.</summary>
    internal Task Attached => attached.Task;

    /// <summary>The home is taken and its loops are about to run.</summary>
    internal void Attach(HomePaths paths, LedgerDb ledger, Dispatcher dispatcher, IJobEngine engine) => Attach(new ServedHome(paths, ledger, () => dispatcher.SinceTick, engine));

    internal void Attach(ServedHome home)
    {
        Served = home;
        attached.TrySetResult();
    }

    /// <summary>The loops have ended; the ledger is about to be closed.</summary>
    internal void Detach() => (Served, Tail) = (null, null);
}

/// <summary>A home while it is served.</summary>
/// <param name="Paths">Where it lies.</param>
/// <param name="Ledger">Its ledger, opened for writing.</param>
/// <param name="SinceTick">How long ago the dispatcher's loop came round, on the monotonic clock.</param>
/// <param name="Engine">Its doorbell.</param>
sealed record ServedHome(HomePaths Paths, LedgerDb Ledger, Func<TimeSpan> SinceTick, IJobEngine Engine);
