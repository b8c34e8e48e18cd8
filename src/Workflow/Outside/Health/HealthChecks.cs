using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Outside.Health;

/// <summary>What a supervisor asks: is the process alive (else start it anew), is it ready (else send it no work).</summary>
/// <param name="pulse">What the process knows of itself.</param>
/// <param name="time">Clock.</param>
sealed class HealthChecks(HostPulse pulse, TimeProvider time)
{
    /// <summary>Longest time between two turns of the dispatcher's loop.</summary>
    public static readonly TimeSpan LongestTurn = TimeSpan.FromSeconds(60);

    /// <summary>Space that has to be free for the ledger and what is being written.</summary>
    public const long LeastFree = 256L << 20;

    /// <summary>How long a probe of the ledger counts, and how long it may take.</summary>
    static readonly TimeSpan Probe = TimeSpan.FromSeconds(5);

    readonly Lock gate = new();
    Task<HealthCheck>? probe;
    long probed;

    /// <summary>Whether the process lives: its dispatcher's loop comes round. A process that is still taking its home is alive.</summary>
    public HealthReport Live() => new([Loop()]);

    /// <summary>Whether it can take work: the home is its own, the ledger takes writes, the engine lives, the disk has room.</summary>
    public async Task<HealthReport> ReadyAsync(CancellationToken cancellationToken)
    {
        if (pulse.Served is not { } served)
        {
            return new HealthReport([new HealthCheck("home", false, "The home is being taken, or let go.")]);
        }

        var holder = HomeLock.Holder(served.Paths);
        var free = new DriveInfo(served.Paths.Root).AvailableFreeSpace;
        var alive = await served.Engine.AliveAsync(cancellationToken);
        var sinks = served.Ledger.Read(SinkStatus.All);
        return new HealthReport(
        [
            new HealthCheck("home", holder?.Process == ProcessIdentity.Current, holder?.Process == ProcessIdentity.Current ? $"held by this process ({holder.Role})" : "The lock of the home is not held by this process."),
            Loop(),
            await Ledger(served).WaitAsync(cancellationToken),
            new HealthCheck("engine", alive.Count > 0, $"{served.Engine.Name}: {(alive.Count > 0 ? string.Join(", ", alive.Select(a => a.Id)) : "no scheduler is alive")}"),
            new HealthCheck("disk", free >= LeastFree, $"{free >> 20} MiB free, {LeastFree >> 20} needed"),

            // A receiver that is down is told and does not stop the work.
            .. sinks.Select(s => new HealthCheck($"sink {s.Name}", true, s.Lag == 0 ? "told" : $"{s.Lag} events behind{(s.Error is null ? "" : $": {s.Error}")}")),
        ]);
    }

    HealthCheck Loop()
    {
        if (pulse.Served is not { } served)
        {
            return new HealthCheck("dispatcher", true, "not running yet, or no more");
        }

        var since = served.SinceTick();
        return new HealthCheck("dispatcher", since < LongestTurn, $"came round {since.TotalSeconds:0.0} s ago");
    }

    /// <summary>The probe that counts now: those who ask at the same time wait for the same one.</summary>
    Task<HealthCheck> Ledger(ServedHome served)
    {
        lock (gate)
        {
            if (probe is null || (probe.IsCompleted && (!probe.Result.Ok || time.GetElapsedTime(probed) >= Probe)))
            {
                probed = time.GetTimestamp();
                probe = ProbeAsync(served);
            }

            return probe;
        }
    }

    async Task<HealthCheck> ProbeAsync(ServedHome served)
    {
        var start = time.GetTimestamp();
        try
        {
            // Through the queue that all writes go through, to the disk and back.
            await served.Ledger.WriteAsync(db => db.Execute("UPDATE worker SET seen_us=?2 WHERE worker_id=(SELECT worker_id FROM worker WHERE pid=?1 AND ended_us IS NULL ORDER BY started_us DESC LIMIT 1)",
                ProcessIdentity.Current.Pid, time.Micros()), CancellationToken.None).WaitAsync(Probe, time);
            return new HealthCheck("ledger", true, $"a write took {time.GetElapsedTime(start).TotalMilliseconds:0.0} ms");
        }
        catch (Exception fault) when (fault is TimeoutException or ObjectDisposedException or Microsoft.Data.Sqlite.SqliteException or WorkflowException or IOException)
        {
            return new HealthCheck("ledger", false, fault is TimeoutException ? $"a write took longer than {Probe.TotalSeconds} s" : fault.Message);
        }
    }
}
