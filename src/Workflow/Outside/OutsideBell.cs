namespace Workflow.Outside;

/// <summary>Wakes the loops that tell the outside, before their time.</summary>
sealed class OutsideBell(TimeProvider time)
{
    TaskCompletionSource rung = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile bool ending;

    /// <summary>No more will happen: tell the rest and stop.</summary>
    public bool Ending => ending;

    /// <summary>Something happened.</summary>
    public void Ring() => Interlocked.Exchange(ref rung, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Nothing more will happen.</summary>
    public void End()
    {
        ending = true;
        Ring();
    }

    /// <summary>Waits for a ring, at most so long.</summary>
    /// <param name="limit">How long.</param>
    /// <param name="cancellationToken">Ends it with an exception.</param>
    /// <param name="endingOnly">Only the end wakes it.</param>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken, bool endingOnly = false)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(limit, time, stop.Token);
        Task woken;
        do
        {
            var next = Volatile.Read(ref rung).Task;
            woken = ending ? next : await Task.WhenAny(delay, next);
        }
        while (endingOnly && woken != delay && !ending);
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
