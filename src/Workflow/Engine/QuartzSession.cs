using System.Data.Common;
using Quartz;
using Workflow.Artifacts;

namespace Workflow.Engine;

/// <summary>
/// A scheduler on its store, under the store's lock, one operation at a time. A store that fails, is gone or was replaced is set aside and made anew with the alarms that are wanted, while running.
/// </summary>
sealed class QuartzSession(HomePaths home, string instance, TimeProvider time, WantedAlarms wanted, RingDoor door, Action<string> log) : IAsyncDisposable
{
    readonly QuartzStore store = new(home, QuartzHost.SchedulerName, instance, time, log);
    readonly SemaphoreSlim turn = new(1, 1);
    EngineLock? held;
    QuartzHost? host;
    int looking;
    bool ended;

    /// <summary>When the store was last found in order; null before the start and after the end.</summary>
    public DateTimeOffset? Seen { get; private set; }

    /// <summary>Takes the lock, opens the store and takes up what it holds.</summary>
    /// <exception cref="WorkflowException">Another scheduler holds the lock, or no store can be made.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (held is not null)
            {
                return;
            }

            Directory.CreateDirectory(home.Root);
            held = await EngineLock.AcquireAsync(home.EngineLock, home.Engine, cancellationToken);
            try
            {
                await OpenAsync(takeUp: true, cancellationToken);
                Seen = time.GetUtcNow();
            }
            catch (Exception fault)
            {
                store.Close();
                held.Dispose();
                held = null;
                if (fault is SchedulerException or DbException)
                {
                    throw new WorkflowException($"The engine's store {home.Engine} cannot be used: {fault.GetBaseException().Message}", inner: fault);
                }

                throw;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Does something to the store. Where that fails the store is made anew: what is wanted is in memory, so nothing is lost but a ring's durability.</summary>
    public async Task DoAsync(Func<QuartzHost, Task> work, CancellationToken cancellationToken)
    {
        await turn.WaitAsync(cancellationToken);
        try
        {
            if (held is null || ended)
            {
                return;
            }

            if (host is null || !File.Exists(home.Engine))
            {
                await RepairAsync(store.Look(out _), cancellationToken);
            }

            if (host is not null)
            {
                try
                {
                    await work(host);
                }
                catch (Exception fault) when (fault is SchedulerException or DbException)
                {
                    await FailedAsync(fault.GetBaseException(), cancellationToken);
                }
            }
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Makes the store hold exactly the alarms that are wanted; those that are set alike are not touched.</summary>
    public Task ReconcileAsync(CancellationToken cancellationToken) => DoAsync(h => ReconcileAsync(h, cancellationToken), cancellationToken);

    /// <summary>Looks in the background whether the store is in order, unless somebody is looking.</summary>
    public void Look()
    {
        if (ended || Interlocked.Exchange(ref looking, 1) == 1)
        {
            return;
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await CheckAsync();
            }
            catch (Exception fault)
            {
                log($"The engine's store {home.Engine} could not be checked: {fault.Message}");
            }
            finally
            {
                Volatile.Write(ref looking, 0);
            }
        });
    }

    async Task CheckAsync()
    {
        await turn.WaitAsync();
        try
        {
            if (ended || held is null)
            {
                return;
            }

            var wrong = store.Look(out var stored);
            if (host is null || wrong is not null)
            {
                await RepairAsync(wrong, CancellationToken.None);
                return;
            }

            var now = time.GetUtcNow();
            if (wanted.All().Any(a => a.Due > now && stored.GetValueOrDefault(a.Key) != a.Due.UtcTicks))
            {
                await ReconcileAsync(host, CancellationToken.None);
            }

            Seen = now;
        }
        catch (Exception fault) when (fault is SchedulerException or DbException)
        {
            await FailedAsync(fault.GetBaseException(), CancellationToken.None);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>Opens the store, made anew where Quartz cannot use it, and starts a scheduler that holds the alarms that are wanted.</summary>
    async Task OpenAsync(bool takeUp, CancellationToken cancellationToken)
    {
        store.Open();
        QuartzHost opened;
        try
        {
            opened = await CreateAsync(cancellationToken);
        }
        catch (Exception fault) when (fault is SchedulerException or DbException && QuartzStore.Blames(fault))
        {
            store.SetAside(fault.GetBaseException().Message);
            store.Open();
            opened = await CreateAsync(cancellationToken);
        }

        try
        {
            if (takeUp)
            {
                (await opened.AlarmsAsync(cancellationToken)).Where(a => a.Due is not null).ToList().ForEach(a => wanted.Offer(new EngineAlarm(a.Key, a.Due!.Value)));
            }

            await ReconcileAsync(opened, cancellationToken);
            await opened.StartAsync(cancellationToken);
            host = opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    Task<QuartzHost> CreateAsync(CancellationToken cancellationToken) =>
        QuartzHost.CreateAsync(store.ConnectionString, instance, time, door, new QuartzLog(time, log, Look), cancellationToken);

    async Task ReconcileAsync(QuartzHost target, CancellationToken cancellationToken)
    {
        var found = (await target.AlarmsAsync(cancellationToken)).ToDictionary(a => a.Key, a => a.Due, StringComparer.Ordinal);
        var changed = wanted.All().Where(a => !found.Remove(a.Key, out var due) || due != a.Due).ToList();
        if (changed.Count > 0)
        {
            await target.SetAsync(changed, cancellationToken);
        }

        var gone = found.Where(f => f.Value is not null).Select(f => f.Key).ToList();
        if (gone.Count > 0)
        {
            await target.RemoveAsync(gone, cancellationToken);
        }
    }

    /// <summary>An operation failed: a store that is at fault is made anew; a disk that is full, or another process, is waited for, and the next look catches up.</summary>
    async Task FailedAsync(Exception fault, CancellationToken cancellationToken)
    {
        if (store.Look(out _) is { } wrong)
        {
            await RepairAsync(wrong, cancellationToken);
        }
        else if (QuartzStore.Blames(fault))
        {
            await RepairAsync($"failed ({fault.Message})", cancellationToken);
        }
        else
        {
            log($"The engine's store {home.Engine} took no change: {fault.Message} Until it does, alarms may ring late and are not kept over a restart.");
        }
    }

    /// <summary>Starts over, with a new store where something is wrong with this one. Where even that fails the next look tries again.</summary>
    async Task RepairAsync(string? wrong, CancellationToken cancellationToken)
    {
        try
        {
            if (host is not null)
            {
                var broken = host;
                host = null;
                await broken.DisposeAsync();
            }

            if (wrong is not null)
            {
                store.SetAside(wrong);
            }

            await OpenAsync(takeUp: false, cancellationToken);
            Seen = time.GetUtcNow();
        }
        catch (Exception fault) when (fault is SchedulerException or DbException or WorkflowException or IOException or UnauthorizedAccessException)
        {
            log($"The engine's store {home.Engine} could not be made anew; until it can, alarms ring late and are not kept over a restart: {fault.GetBaseException().Message}");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await turn.WaitAsync();
        try
        {
            ended = true;
            Seen = null;
            if (host is not null)
            {
                await host.DisposeAsync();
                host = null;
            }

            store.Close();
            held?.Dispose();
            held = null;
        }
        finally
        {
            turn.Release();
        }
    }
}
