using System.Diagnostics;
using Microsoft.Data.Sqlite;

namespace Workflow.Ledger;

/// <summary>
/// Group commit: the writes of one process stand in a queue, and those that gathered while a commit was under way share the next transaction and its one flush.
/// Each body has a savepoint of its own, so one that throws is undone alone; each caller returns after the commit that holds its write is durable, or has its fault.
/// </summary>
/// <remarks>
/// A caller who finds the queue idle runs and commits on its own thread at once: nobody waits for company. Once others have queued, a thread of the queue's own goes on until none is left.
/// </remarks>
sealed class WriteQueue(LedgerConnection writer, string path) : IDisposable
{
    // The first caller in a transaction waits for all of them.
    const int MostWrites = 512;

    [ThreadStatic]
    static WriteQueue? running;

    readonly object gate = new();
    readonly Queue<PendingWrite> waiting = new();
    readonly SemaphoreSlim turn = new(0);
    Thread? thread;
    bool busy;
    bool closed;
    long commits;
    long writes;

    /// <summary>How long a transaction takes further writes in.</summary>
    public TimeSpan Longest { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Transactions committed since the start.</summary>
    public long Commits => Volatile.Read(ref commits);

    /// <summary>Writes acknowledged since the start.</summary>
    public long Writes => Volatile.Read(ref writes);

    /// <summary>Whether the calling thread is inside a body of this queue.</summary>
    public bool Inside => running == this;

    /// <summary>Runs a write and returns when it is durable.</summary>
    public T Write<T>(Func<LedgerConnection, T> body)
    {
        var write = new BlockingWrite<T>(body);
        if (Enter(write, mayLead: true))
        {
            try
            {
                Batch(write);
            }
            finally
            {
                Leave();
            }
        }

        return write.Wait();
    }

    /// <summary>Queues a write; the task ends when it is durable.</summary>
    /// <param name="body">The body.</param>
    /// <param name="cancellationToken">Gives up a write whose body has not started.</param>
    public Task<T> WriteAsync<T>(Func<LedgerConnection, T> body, CancellationToken cancellationToken)
    {
        var write = new AwaitedWrite<T>(body, cancellationToken);
        Enter(write, mayLead: false);
        return write.Task;
    }

    /// <summary>Queues a write; true where the queue was idle and the caller is to run it now.</summary>
    bool Enter(PendingWrite write, bool mayLead)
    {
        if (Inside)
        {
            throw new InvalidOperationException("A write of the ledger was started inside the body of another one: pass the open connection on instead.");
        }

        lock (gate)
        {
            ObjectDisposedException.ThrowIf(closed, typeof(LedgerDb));
            if (!busy)
            {
                busy = true;
                if (mayLead)
                {
                    return true;
                }

                WakeThread();
            }

            waiting.Enqueue(write);
            return false;
        }
    }

    /// <summary>Gives the right to commit away: to the queue's thread where others wait, else to the next caller.</summary>
    void Leave()
    {
        lock (gate)
        {
            if (waiting.Count > 0)
            {
                WakeThread();
            }
            else
            {
                busy = false;
                Monitor.PulseAll(gate);
            }
        }
    }

    void WakeThread()
    {
        if (thread is null)
        {
            thread = new Thread(Serve) { IsBackground = true, Name = "ledger" };
            thread.Start();
        }

        turn.Release();
    }

    void Serve()
    {
        var open = true;
        while (open)
        {
            turn.Wait();
            for (var more = true; more;)
            {
                while (Next() is { } write)
                {
                    Batch(write);
                }

                lock (gate)
                {
                    more = waiting.Count > 0;
                    if (!more)
                    {
                        busy = false;
                        open = !closed;
                        Monitor.PulseAll(gate);
                    }
                }
            }
        }
    }

    PendingWrite? Next()
    {
        lock (gate)
        {
            while (waiting.TryDequeue(out var write))
            {
                if (closed)
                {
                    write.FailWith(new ObjectDisposedException(nameof(LedgerDb)));
                }
                else if (!write.GiveUp())
                {
                    return write;
                }
            }

            return null;
        }
    }

    /// <summary>Runs a write and those that wait behind it in one transaction, as a rule; in several where one had to be thrown away.</summary>
    void Batch(PendingWrite first)
    {
        var start = Stopwatch.GetTimestamp();
        var held = new List<PendingWrite>();
        var before = running;
        running = this;
        PendingWrite? write = first;
        try
        {
            var count = 0;
            for (; write is not null; write = ++count < MostWrites && Stopwatch.GetElapsedTime(start) < Longest ? Next() : null)
            {
                if (held.Count > 0 || Begin(write))
                {
                    Run(write, held);
                }
            }

            Commit(held);
        }
        catch (Exception fault)
        {
            // Nothing above should throw; whatever did, nobody may wait for ever or be told that it was stored.
            write?.FailWith(fault);
            Lose(held, fault);
        }
        finally
        {
            running = before;
        }
    }

    bool Begin(PendingWrite write)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            writer.Execute("BEGIN IMMEDIATE");
            writer.Guarded = true;
            return true;
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode == 5)
        {
            var locked = new WorkflowException(
                $"The ledger {path} has been locked by another process for more than 30 s. A stopped or hanging workflow process may hold it: see `lsof {path}`.", inner: fault);
            write.FailWith(locked);
            FailWaiting(start, locked);
        }
        catch (SqliteException fault)
        {
            write.FailWith(fault);
        }

        return false;
    }

    /// <summary>Those who have stood behind a write for all of its time would only wait as long again, one after the other.</summary>
    void FailWaiting(long since, Exception fault)
    {
        lock (gate)
        {
            while (waiting.TryPeek(out var write) && write.Arrived <= since)
            {
                waiting.Dequeue().FailWith(fault);
            }
        }
    }

    /// <summary>Runs a body in the open transaction. The first has no savepoint: where it fails, the transaction holds nothing else.</summary>
    void Run(PendingWrite write, List<PendingWrite> held)
    {
        var alone = held.Count == 0;
        try
        {
            if (!alone)
            {
                writer.Execute("SAVEPOINT body");
            }

            write.Run(writer);
            if (!alone && writer.InTransaction)
            {
                writer.Execute("RELEASE body");
            }
        }
        catch (Exception fault)
        {
            Undo(write, held, fault);
            return;
        }

        held.Add(write);
        if (!writer.InTransaction)
        {
            // The body swallowed the fault that ended it.
            Lose(held, (Exception?)writer.Lost ?? new InvalidOperationException("a body ended it"));
        }
    }

    void Undo(PendingWrite write, List<PendingWrite> held, Exception fault)
    {
        try
        {
            if (held.Count > 0 && writer.InTransaction)
            {
                writer.Execute("ROLLBACK TO body");
                writer.Execute("RELEASE body");
                write.Fail(fault);
                return;
            }
        }
        catch (SqliteException)
        {
            // Not even that: the whole transaction goes, for the first fault.
        }

        write.Fail(fault);
        Lose(held, fault);
    }

    void Commit(List<PendingWrite> held)
    {
        if (held.Count == 0)
        {
            return;
        }

        try
        {
            writer.Execute("COMMIT");
        }
        catch (SqliteException fault)
        {
            Lose(held, fault);
            return;
        }

        writer.Guarded = false;
        Volatile.Write(ref commits, commits + 1);
        Volatile.Write(ref writes, writes + held.Count);
        foreach (var write in held)
        {
            write.Succeed();
        }
    }

    /// <summary>Throws the open transaction away where SQLite has not done so by itself; all who were in it are told the fault.</summary>
    void Lose(List<PendingWrite> held, Exception fault)
    {
        writer.Guarded = false;
        try
        {
            if (writer.InTransaction)
            {
                writer.Execute("ROLLBACK");
            }
        }
        catch (SqliteException)
        {
            // The first fault is the one to tell.
        }

        foreach (var write in held)
        {
            write.FailWith(fault);
        }

        held.Clear();
    }

    /// <summary>Waits for the transaction under way, refuses what waits behind it, and every later write.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            closed = true;
            while (busy)
            {
                Monitor.Wait(gate);
            }
        }

        if (thread is not null)
        {
            turn.Release();
            thread.Join();
        }

        turn.Dispose();
    }
}
