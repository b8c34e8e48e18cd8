using DataPrep;

namespace Workflow.Runs;

/// <summary>Watches a run as it goes; calls come from several threads, one at a time per run.</summary>
public interface IRunObserver
{
    /// <summary>The run has its id and its nodes.</summary>
    void RunStarted(string runId, string job, int nodes);

    /// <summary>A node's outputs were already there.</summary>
    void NodeReused(string nodeId, string fromRun);

    /// <summary>An attempt starts.</summary>
    /// <param name="nodeId">Node.</param>
    /// <param name="epoch">Its fence; above 1 it is not the first.</param>
    /// <param name="resumedStep">Step of the checkpoint it resumes from, or null.</param>
    void AttemptStarted(string nodeId, long epoch, long? resumedStep);

    /// <summary>A running node reports how far it is.</summary>
    void Progress(string nodeId, StageProgress progress);

    /// <summary>A line for the attempt's log.</summary>
    void Log(string nodeId, string line);

    /// <summary>A node's outputs are committed.</summary>
    void NodeSucceeded(string nodeId, TimeSpan duration);

    /// <summary>An attempt failed; <paramref name="retryIn"/> is null where the node has failed for good.</summary>
    void AttemptFailed(string nodeId, string exitKind, string message, TimeSpan? retryIn);

    /// <summary>The run has ended: succeeded, failed, cancelled or interrupted.</summary>
    void RunEnded(string runId, string state);
}
