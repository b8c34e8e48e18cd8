using Workflow.Jobs;

namespace Workflow.Runs;

/// <summary>A run that this process executes.</summary>
sealed class ActiveRun(string runId, IRunObserver observer)
{
    readonly TaskCompletionSource<string> ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its id.</summary>
    public string RunId => runId;

    /// <summary>Watches it.</summary>
    public IRunObserver Observer => observer;

    /// <summary>Its job.</summary>
    public JobSpec Job { get; private set; } = null!;

    /// <summary>Its plan by node.</summary>
    public Dictionary<string, PlannedNode> Nodes { get; private set; } = [];

    /// <summary>Ready nodes that were looked up and have no result yet: what they read, their key, and why it is new.</summary>
    public Dictionary<string, Looked> Missed { get; } = new(StringComparer.Ordinal);

    /// <summary>Attempts of it that run here.</summary>
    public int Driving { get; set; }

    /// <summary>Its state once it has ended here, interrupted included.</summary>
    public Task<string> Ended => ended.Task;

    /// <summary>Reads its plan.</summary>
    public void Load(Home home)
    {
        (Job, Nodes) = new RunRows(home).Load(runId);
        observer.RunStarted(runId, Job.Name, Nodes.Count);
    }

    /// <summary>Tells that it has ended here.</summary>
    public void End(string state)
    {
        observer.RunEnded(runId, state);
        ended.TrySetResult(state);
    }

    /// <summary>Tells that it cannot be executed here.</summary>
    public void Fail(Exception fault) => ended.TrySetException(fault);
}

/// <summary>A node whose key has no result yet.</summary>
sealed record Looked(NodeInputs Inputs, MemoKey Key, string Why);
