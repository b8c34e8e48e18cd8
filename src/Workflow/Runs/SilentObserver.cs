using DataPrep;

namespace Workflow.Runs;

/// <summary>Watches nothing.</summary>
public sealed class SilentObserver : IRunObserver
{
    /// <summary>The one instance.</summary>
    public static SilentObserver Instance { get; } = new();

    /// <inheritdoc/>
    public void RunStarted(string runId, string job, int nodes)
    {
    }

    /// <inheritdoc/>
    public void NodeReused(string nodeId, string fromRun)
    {
    }

    /// <inheritdoc/>
    public void AttemptStarted(string nodeId, long epoch, long? resumedStep)
    {
    }

    /// <inheritdoc/>
    public void Progress(string nodeId, StageProgress progress)
    {
    }

    /// <inheritdoc/>
    public void Log(string nodeId, string line)
    {
    }

    /// <inheritdoc/>
    public void NodeSucceeded(string nodeId, TimeSpan duration)
    {
    }

    /// <inheritdoc/>
    public void AttemptFailed(string nodeId, string exitKind, string message, TimeSpan? retryIn)
    {
    }

    /// <inheritdoc/>
    public void RunEnded(string runId, string state)
    {
    }
}
