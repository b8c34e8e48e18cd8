using DataPrep;
using Workflow.Runs;

namespace FaultHost;

/// <summary>Says what happens in lines that a test can wait for.</summary>
sealed class LineObserver : IRunObserver
{
    public void RunStarted(string runId, string job, int nodes) => Say($"run {runId} {nodes}");

    public void NodeReused(string nodeId, string fromRun) => Say($"reused {nodeId}");

    public void AttemptStarted(string nodeId, long epoch, long? resumedStep) => Say($"started {nodeId} {epoch} {resumedStep}");

    public void Progress(string nodeId, StageProgress progress)
    {
    }

    public void Log(string nodeId, string line) => Say($"log {nodeId} {line}");

    public void NodeSucceeded(string nodeId, TimeSpan duration) => Say($"committed {nodeId}");

    public void AttemptFailed(string nodeId, string exitKind, string message, TimeSpan? retryIn) => Say($"failed {nodeId} {exitKind}");

    public void RunEnded(string runId, string state) => Say($"ended {state}");

    static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
