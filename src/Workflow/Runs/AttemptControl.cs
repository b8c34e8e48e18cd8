namespace Workflow.Runs;

/// <summary>Why a running attempt was told to stop.</summary>
enum StopReason
{
    None,
    Cancelled,
    Fenced,
    Stopping,
    TimedOut,
    Stalled,
}

/// <summary>The one place that stops an attempt; the first reason counts.</summary>
sealed class AttemptControl : IDisposable
{
    readonly CancellationTokenSource source = new();
    int reason;

    public StopReason Reason => (StopReason)Volatile.Read(ref reason);

    public CancellationToken Token => source.Token;

    public void Stop(StopReason why)
    {
        if (Interlocked.CompareExchange(ref reason, (int)why, (int)StopReason.None) == (int)StopReason.None)
        {
            try
            {
                source.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // The attempt ended in the same moment.
            }
        }
    }

    public void Dispose() => source.Dispose();
}
