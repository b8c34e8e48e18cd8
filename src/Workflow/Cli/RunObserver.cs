using DataPrep;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary>What a person at the command line sees of a run: lines that stay, and how far each running node is.</summary>
abstract class RunObserver(TimeProvider time) : IRunObserver
{
    readonly Lock gate = new();
    readonly SortedDictionary<string, NodeProgress> running = new(StringComparer.Ordinal);
    readonly Dictionary<string, int> partitions = new(StringComparer.Ordinal);

    protected TimeProvider Time { get; } = time;

    /// <summary>Texts of the running nodes, by name.</summary>
    protected IReadOnlyList<string> Running => [.. running.Select(r => r.Value.Text(Time, r.Key) + Partitions(r.Key))];

    /// <summary>Shows a line that stays.</summary>
    protected abstract void Line(string text);

    /// <summary>Something of <see cref="Running"/> changed.</summary>
    protected abstract void Changed();

    /// <summary>Nothing is to be shown any more.</summary>
    protected virtual void End()
    {
    }

    public void RunStarted(string runId, string job, int nodes) => Locked(() => Line($"Run {runId}: {job}, {nodes} nodes"));

    public void NodeReused(string nodeId, string fromRun) => Locked(() =>
    {
        if (!IsPartition(nodeId))
        {
            Line($"{nodeId}: reused");
        }
    });

    public void AttemptStarted(string nodeId, long epoch, long? resumedStep) => Locked(() =>
    {
        running[nodeId] = new NodeProgress(Time.GetTimestamp());
        var stage = Stage(nodeId);
        var again = (epoch > 1 ? $", attempt {epoch}" : "") + (resumedStep is { } step ? $", from step {step}" : "");
        if (epoch > 1 || (IsPartition(nodeId) ? partitions.TryAdd(stage, 0) : !partitions.ContainsKey(stage)))
        {
            Line($"{(epoch > 1 ? nodeId : stage)}: started{again}");
        }

        Changed();
    });

    public void Progress(string nodeId, StageProgress progress) => Locked(() =>
    {
        if (running.TryGetValue(nodeId, out var node))
        {
            node.Report(Time, progress);
            Changed();
        }
    });

    public void Log(string nodeId, string line)
    {
        // `logs RUN` has them all.
    }

    public void NodeSucceeded(string nodeId, TimeSpan duration) => Locked(() =>
    {
        running.Remove(nodeId);
        if (IsPartition(nodeId))
        {
            partitions[Stage(nodeId)] = partitions.GetValueOrDefault(Stage(nodeId)) + 1;
            Changed();
        }
        else
        {
            Line($"{nodeId}: done in {HumanText.Time(duration)}{Partitions(nodeId + "/")}");
        }
    });

    public void AttemptFailed(string nodeId, string exitKind, string message, TimeSpan? retryIn) => Locked(() =>
    {
        running.Remove(nodeId);
        var next = retryIn is { } wait ? $"; next try in {HumanText.Time(wait)}" : "";
        Line(exitKind == "cancelled" ? $"{nodeId}: cancelled" : $"{nodeId}: failed ({exitKind}{next}): {message}");
    });

    public void RunEnded(string runId, string state) => Locked(() =>
    {
        running.Clear();
        End();
        Line($"Run {runId}: {state}");
    });

    void Locked(Action action)
    {
        lock (gate)
        {
            action();
        }
    }

    string Partitions(string nodeId) => nodeId.Contains('/') && partitions.GetValueOrDefault(Stage(nodeId)) is > 0 and var done ? $"  [{done} partition{(done == 1 ? "" : "s")} done]" : "";

    static bool IsPartition(string nodeId) => nodeId.Contains('/');

    static string Stage(string nodeId) => nodeId.Split('/')[0];
}
