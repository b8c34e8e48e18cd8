using Workflow.Ledger;

namespace Workflow.Tests.Ledger;

/// <summary>Keeps a ledger's writer inside a body until disposed, so that what is written meanwhile queues behind it.</summary>
sealed class BusyLedger : IDisposable
{
    readonly ManualResetEventSlim go = new();

    public BusyLedger(LedgerDb ledger, Action<LedgerConnection> body)
    {
        using var inside = new ManualResetEventSlim();
        Writing = Task.Factory.StartNew(() => ledger.Write(db =>
        {
            inside.Set();
            go.Wait();
            body(db);
        }), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        inside.Wait();
    }

    /// <summary>The write that is under way.</summary>
    public Task Writing { get; }

    public void Dispose() => go.Set();
}
