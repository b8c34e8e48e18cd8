namespace Workflow.Engine;

/// <summary>
/// The rings of one process that wait for its consumer, each kind and key once. A time-out costs no exception and a ring wakes the consumer at once.
/// </summary>
sealed class Bell(TimeProvider time)
{
    static readonly TimeSpan LongestTimer = TimeSpan.FromDays(40);
    readonly Lock gate = new();
    readonly Queue<Entry> queue = new();
    readonly Dictionary<EngineRing, Entry> pending = [];
    TaskCompletionSource<bool>? waiter;
    Entry? taken;
    bool closed;

    /// <summary>Rings. After <see cref="Close"/> nothing happens.</summary>
    /// <returns>Handled completes when the consumer has come back after it took this ring; first is false where it was rung already and nobody has taken it.</returns>
    public (Task Handled, bool First) Ring(EngineRing ring)
    {
        TaskCompletionSource<bool>? wake;
        Entry? entry;
        var first = false;
        lock (gate)
        {
            if (!pending.TryGetValue(ring, out entry))
            {
                entry = new Entry(ring);
                if (closed)
                {
                    return (entry.Handled.Task, true);
                }

                first = true;
                pending.Add(ring, entry);
                queue.Enqueue(entry);
            }

            wake = waiter;
            waiter = null;
        }

        wake?.TrySetResult(true);
        return (entry.Handled.Task, first);
    }

    /// <summary>Takes the next ring, see <see cref="IJobEngine.WaitAsync"/>.</summary>
    public async ValueTask<EngineRing?> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        cancellationToken.ThrowIfCancellationRequested();
        Acknowledge();
        while (true)
        {
            TaskCompletionSource<bool> turn;
            lock (gate)
            {
                if (queue.TryDequeue(out var entry))
                {
                    pending.Remove(entry.Ring);
                    taken = entry;
                    return entry.Ring;
                }

                if (closed)
                {
                    return null;
                }

                if (waiter is not null)
                {
                    throw new InvalidOperationException("The engine has one consumer; another one is waiting already.");
                }

                waiter = turn = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            try
            {
                var left = timeout == Timeout.InfiniteTimeSpan ? LongestTimer : timeout - time.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    return null;
                }

                using var limit = time.CreateTimer(static t => ((TaskCompletionSource<bool>)t!).TrySetResult(false), turn, left < LongestTimer ? left : LongestTimer, Timeout.InfiniteTimeSpan);
                using var stop = cancellationToken.UnsafeRegister(static (t, token) => ((TaskCompletionSource<bool>)t!).TrySetCanceled(token), turn);
                await turn.Task;
            }
            finally
            {
                lock (gate)
                {
                    if (ReferenceEquals(waiter, turn))
                    {
                        waiter = null;
                    }
                }
            }
        }
    }

    /// <summary>Ends the waiting; rings nobody took are dropped and never acknowledged.</summary>
    public void Close()
    {
        TaskCompletionSource<bool>? wake;
        lock (gate)
        {
            closed = true;
            queue.Clear();
            pending.Clear();
            wake = waiter;
            waiter = null;
        }

        wake?.TrySetResult(true);
    }

    void Acknowledge()
    {
        Entry? handled;
        lock (gate)
        {
            handled = taken;
            taken = null;
        }

        handled?.Handled.TrySetResult();
    }

    sealed record Entry(EngineRing Ring)
    {
        public TaskCompletionSource Handled { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
