namespace Workflow.Outside.Health;

/// <summary>Keeps the service manager informed while a home is served: ready, alive as often as it asks and only while the dispatcher's loop comes round, stopping. Does nothing where no manager listens.</summary>
sealed class Supervision : IAsyncDisposable
{
    readonly ServiceNotifier? notifier;
    readonly HealthChecks health;
    readonly TimeSpan? watchdog;
    readonly TimeProvider time;
    readonly CancellationTokenSource stop = new();
    readonly HostPulse pulse;
    Task watching = Task.CompletedTask;
    Task announcing = Task.CompletedTask;

    Supervision(HostPulse pulse, TimeProvider time, Func<string, string?> environment)
    {
        (this.pulse, this.time, health) = (pulse, time, new HealthChecks(pulse, time));
        (notifier, watchdog) = (ServiceNotifier.FromEnvironment(environment), ServiceNotifier.Watchdog(environment));
    }

    /// <summary>Begins; the manager hears that the process is alive from here on.</summary>
    /// <param name="pulse">What the process knows of itself.</param>
    /// <param name="time">Clock of the watchdog.</param>
    /// <param name="environment">NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID.</param>
    public static Supervision Start(HostPulse pulse, TimeProvider time, Func<string, string?> environment)
    {
        var supervision = new Supervision(pulse, time, environment);
        if (supervision is { notifier: not null, watchdog: { } interval })
        {
            supervision.watching = supervision.WatchAsync(interval / 2);
        }

        return supervision;
    }

    /// <summary>The dashboard answers; the manager hears it once recovery is through as well.</summary>
    /// <param name="status">One line for people.</param>
    public void Ready(string status) => announcing = AnnounceAsync(status);

    /// <summary>The process is about to end.</summary>
    public void Stopping() => notifier?.Send("STOPPING=1", "STATUS=giving attempts back");

    async Task AnnounceAsync(string status)
    {
        try
        {
            await pulse.Attached.WaitAsync(stop.Token);
            notifier?.Send("READY=1", $"STATUS={status}");
        }
        catch (OperationCanceledException)
        {
        }
    }

    async Task WatchAsync(TimeSpan interval)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            do
            {
                // A loop that hangs is not told as alive: the manager ends the process, and the next one recovers.
                if (health.Live().Ok)
                {
                    notifier!.Send("WATCHDOG=1");
                }
            }
            while (await timer.WaitForNextTickAsync(stop.Token));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await watching;
        await announcing;
        notifier?.Dispose();
        stop.Dispose();
    }
}
