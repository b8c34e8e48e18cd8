using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Workflow.Engine;

/// <summary>An engine within the process: a channel for rings, a timer per scheduled key. Keeps nothing over a restart, and need not.</summary>
public sealed class InlineEngine(TimeProvider time) : IJobEngine
{
    readonly Channel<string> bell = Channel.CreateUnbounded<string>();
    readonly ConcurrentDictionary<string, ITimer> timers = new(StringComparer.Ordinal);
    bool disposed;

    /// <inheritdoc/>
    public bool Alive => !disposed;

    /// <inheritdoc/>
    public Task RingAsync(string runId, CancellationToken cancellationToken)
    {
        bell.Writer.TryWrite(runId);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task ScheduleAsync(string key, DateTimeOffset due, CancellationToken cancellationToken)
    {
        var wait = due - time.GetUtcNow();
        var timer = time.CreateTimer(_ => bell.Writer.TryWrite(key), null, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        timers.AddOrUpdate(key, timer, (_, old) =>
        {
            old.Dispose();
            return timer;
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task UnscheduleAsync(string key, CancellationToken cancellationToken)
    {
        if (timers.TryRemove(key, out var timer))
        {
            timer.Dispose();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task CancelAsync(string runId, CancellationToken cancellationToken) => RingAsync(runId, cancellationToken);

    /// <inheritdoc/>
    public async Task<string?> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (bell.Reader.TryRead(out var rang))
        {
            return rang;
        }

        using var limit = new CancellationTokenSource(timeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await bell.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        disposed = true;
        foreach (var key in timers.Keys)
        {
            if (timers.TryRemove(key, out var timer))
            {
                timer.Dispose();
            }
        }

        return ValueTask.CompletedTask;
    }
}
