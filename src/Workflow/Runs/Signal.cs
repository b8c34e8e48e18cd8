namespace Workflow.Runs;

/// <summary>Set by anyone, waited for by one; several sets count as one.</summary>
sealed class Signal
{
    readonly Lock gate = new();
    TaskCompletionSource? waiting;
    bool raised;

    /// <summary>Ends the wait, or the next one.</summary>
    public void Set()
    {
        lock (gate)
        {
            raised = true;
            waiting?.TrySetResult();
        }
    }

    /// <summary>Forgets what was set so far: called before looking at what a set tells of.</summary>
    public void Lower()
    {
        lock (gate)
        {
            raised = false;
        }
    }

    /// <summary>Completes once set since the last <see cref="Lower"/>.</summary>
    public Task WaitAsync()
    {
        lock (gate)
        {
            if (raised)
            {
                return Task.CompletedTask;
            }

            waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return waiting.Task;
        }
    }
}
