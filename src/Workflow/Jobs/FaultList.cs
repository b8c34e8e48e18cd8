namespace Workflow.Jobs;

/// <summary>Gathers the faults of one reading.</summary>
sealed class FaultList
{
    readonly List<JobFault> faults = [];

    public int Count => faults.Count;

    public void Add(NodeMark mark, string path, string message) => faults.Add(new JobFault(mark.Source, mark.Line, mark.Column, path, message));

    public void Add(JobNode node, string path, string message) => Add(node.Mark, path, message);

    /// <summary>An unknown name, with the nearest known one.</summary>
    public void Unknown(NodeMark mark, string path, string what, string name, IReadOnlyCollection<string> known) =>
        Add(mark, path, $"unknown {what} '{name}'{NearestName.Hint(name, known)}");

    /// <summary>In the order of the file, without repeats.</summary>
    public IReadOnlyList<JobFault> InOrder() => [.. faults.Distinct().OrderBy(f => f.Line).ThenBy(f => f.Column)];
}
