namespace Workflow.Engine;

/// <summary>
/// The doorbell: it says that something may be runnable, never what is true. A ring may be lost, doubled, late or early; the ledger decides, and the scheduler looks by itself now and then.
/// </summary>
public interface IJobEngine : IAsyncDisposable
{
    /// <summary>Whether it can ring.</summary>
    bool Alive { get; }

    /// <summary>Rings for a run now.</summary>
    Task RingAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Rings under a key at a time; a later call for the same key replaces it.</summary>
    Task ScheduleAsync(string key, DateTimeOffset due, CancellationToken cancellationToken);

    /// <summary>Forgets a scheduled ring.</summary>
    Task UnscheduleAsync(string key, CancellationToken cancellationToken);

    /// <summary>Rings that a run is to be cancelled.</summary>
    Task CancelAsync(string runId, CancellationToken cancellationToken);

    /// <summary>Waits for the next ring, or for the time-out: what rang (a run id or a schedule's key), or null.</summary>
    Task<string?> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken);
}
