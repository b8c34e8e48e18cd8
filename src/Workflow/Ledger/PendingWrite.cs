using System.Diagnostics;
using System.Runtime.ExceptionServices;
using Microsoft.Data.Sqlite;

namespace Workflow.Ledger;

/// <summary>A write that stands in the queue: its body and the caller who waits for it to be durable.</summary>
abstract class PendingWrite
{
    /// <summary>When it came, on the monotonic clock.</summary>
    public long Arrived { get; } = Stopwatch.GetTimestamp();

    /// <summary>Ends it where its caller no longer wants it; asked before its body runs.</summary>
    public abstract bool GiveUp();

    /// <summary>Runs the body and keeps its result.</summary>
    public abstract void Run(LedgerConnection db);

    /// <summary>Tells the caller that it is durable.</summary>
    public abstract void Succeed();

    /// <summary>Tells the caller that nothing of it was stored.</summary>
    public abstract void Fail(Exception fault);

    /// <summary>Tells the caller that another write's fault, or the commit's, took this one with it. Every caller gets an exception of its own.</summary>
    public void FailWith(Exception fault) => Fail(fault switch
    {
        SqliteException f => new SqliteException(f.Message, f.SqliteErrorCode, f.SqliteExtendedErrorCode),
        WorkflowException f => new WorkflowException(f.Message, f.ExitCode, f.InnerException),
        ObjectDisposedException f => new ObjectDisposedException(f.ObjectName),
        _ => new WorkflowException($"The ledger threw the open transaction away, and this write with it: {fault.Message}", inner: fault),
    });
}

/// <summary>A write whose caller awaits it.</summary>
sealed class AwaitedWrite<T>(Func<LedgerConnection, T> body, CancellationToken cancellationToken) : PendingWrite
{
    // The thread that commits must never run what its callers do next.
    readonly TaskCompletionSource<T> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    T? result;

    /// <summary>Ends when the write is durable or has failed.</summary>
    public Task<T> Task => completion.Task;

    public override bool GiveUp() => cancellationToken.IsCancellationRequested && completion.TrySetCanceled(cancellationToken);

    public override void Run(LedgerConnection db) => result = body(db);

    public override void Succeed() => completion.TrySetResult(result!);

    public override void Fail(Exception fault) => completion.TrySetException(fault);
}

/// <summary>A write whose caller's thread waits. It sleeps at once: a commit takes longer than any spinning would, and the writer needs the processor.</summary>
sealed class BlockingWrite<T>(Func<LedgerConnection, T> body) : PendingWrite
{
    readonly object gate = new();
    T? result;
    ExceptionDispatchInfo? fault;
    bool ended;

    /// <summary>Waits until the write is durable.</summary>
    public T Wait()
    {
        lock (gate)
        {
            while (!ended)
            {
                Monitor.Wait(gate);
            }
        }

        fault?.Throw();
        return result!;
    }

    public override bool GiveUp() => false;

    public override void Run(LedgerConnection db) => result = body(db);

    public override void Succeed() => End(null);

    public override void Fail(Exception fault) => End(fault);

    void End(Exception? why)
    {
        lock (gate)
        {
            if (!ended)
            {
                ended = true;
                fault = why is null ? null : ExceptionDispatchInfo.Capture(why);
                Monitor.Pulse(gate);
            }
        }
    }
}
