using System.Threading.Channels;
using DataPrep;
using Workflow.Runs;

namespace Workflow.Tests.Faults;

/// <summary>An observer whose lines a test can wait for and count.</summary>
sealed class Watch : IRunObserver
{
    readonly Channel<string> lines = Channel.CreateUnbounded<string>();
    readonly Lock gate = new();

    /// <summary>Nodes by what became of them.</summary>
    public List<string> Ran { get; } = [];

    public List<string> Reused { get; } = [];

    public List<string> Logs { get; } = [];

    public List<StageProgress> Steps { get; } = [];

    public List<(string Node, long Epoch, long? Step)> Started { get; } = [];

    public List<(string Node, string Kind, string Message)> Failed { get; } = [];

    public string RunId { get; private set; } = "";

    public async Task<string> LineAsync(Func<string, bool> fits, CancellationToken cancellationToken)
    {
        await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
        {
            if (fits(line))
            {
                return line;
            }
        }

        throw new InvalidOperationException("the run ended");
    }

    public void RunStarted(string runId, string job, int nodes) => RunId = runId;

    public void NodeReused(string nodeId, string fromRun) => Add(Reused, nodeId);

    public void AttemptStarted(string nodeId, long epoch, long? resumedStep) => Add(Started, (nodeId, epoch, resumedStep));

    public void Progress(string nodeId, StageProgress progress) => Add(Steps, progress);

    public void Log(string nodeId, string line)
    {
        Add(Logs, line);
        lines.Writer.TryWrite(line);
    }

    public void NodeSucceeded(string nodeId, TimeSpan duration) => Add(Ran, nodeId);

    public void AttemptFailed(string nodeId, string exitKind, string message, TimeSpan? retryIn) => Add(Failed, (nodeId, exitKind, message));

    public void RunEnded(string runId, string state) => lines.Writer.TryComplete();

    void Add<T>(List<T> list, T item)
    {
        lock (gate)
        {
            list.Add(item);
        }
    }
}
