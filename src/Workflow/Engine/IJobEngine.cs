namespace Workflow.Engine;

/// <summary>
/// The doorbell: it says that something may be runnable, never what is true. A ring may be lost, doubled, late or early; the ledger decides, and its sweep looks without a ring.
/// Fire times are computed elsewhere: the engine is asked to ring a key at an instant, once. All members may be called from any thread; one consumer at a time waits.
/// </summary>
public interface IJobEngine : IAsyncDisposable
{
    /// <summary>Its name in options and on pages: <c>inline</c>, <c>quartz</c>.</summary>
    string Name { get; }

    /// <summary>Opens its store and takes up what that held. Rings may be put before; they come after.</summary>
    /// <exception cref="WorkflowException">Another scheduler has the store open.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Rings for a run now. Returns before any store has been written: what a crash takes, the ledger rings again.</summary>
    Task EnqueueAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Rings that a run is to be cancelled, now.</summary>
    Task CancelAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Rings under a key at a time, once; replaces what the key had. A time that has passed rings now.</summary>
    /// <param name="key">Any text but an empty one.</param>
    /// <param name="due">When.</param>
    /// <param name="cancellationToken">Stops waiting for the store.</param>
    Task ScheduleAsync(string key, DateTimeOffset due, CancellationToken cancellationToken);

    /// <summary>Forgets a key's alarm. A ring that is already under way still comes.</summary>
    Task UnscheduleAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Tells the whole truth, from the ledger and the job files: afterwards exactly these alarms are set and these runs rung. Alarms that are set alike are not touched, others go;
    /// a store that was lost or damaged is made anew. May be repeated at will.
    /// </summary>
    /// <param name="alarms">Every alarm that is wanted; of two with one key the last counts.</param>
    /// <param name="runs">Runs that have something to do.</param>
    /// <param name="cancellationToken">Stops it; what is declared so far stays.</param>
    Task RedeclareAsync(IReadOnlyList<EngineAlarm> alarms, IReadOnlyList<string> runs, CancellationToken cancellationToken);

    /// <summary>What is scheduled, by due time and key.</summary>
    Task<IReadOnlyList<EngineAlarm>> ScheduledAsync(CancellationToken cancellationToken);

    /// <summary>The schedulers that are alive behind this engine; none before the start and after the end.</summary>
    Task<IReadOnlyList<EngineInstance>> AliveAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Waits for the next ring. Rings of one kind and key that nobody has taken yet are one ring. Coming back says that the ring taken before is dealt with: only then is a durable ring forgotten.
    /// </summary>
    /// <returns>The ring, or null where none came in time or the engine has ended.</returns>
    ValueTask<EngineRing?> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken);
}
