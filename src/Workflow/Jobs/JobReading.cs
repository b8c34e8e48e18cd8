namespace Workflow.Jobs;

/// <summary>What reading a job gave: the job, or every fault at once.</summary>
/// <param name="Spec">The checked job; null where there are faults.</param>
/// <param name="Faults">All faults in the order of the file; those of <c>--set</c> arguments first.</param>
public sealed record JobReading(JobSpec? Spec, IReadOnlyList<JobFault> Faults)
{
    /// <summary>The job.</summary>
    /// <exception cref="WorkflowException">There are faults: the message lists all of them, one per line. Exit code 2: it is the asking that is at fault.</exception>
    public JobSpec Require()
    {
        if (Spec is not null)
        {
            return Spec;
        }

        var count = Faults.Count == 1 ? "1 fault" : $"{Faults.Count} faults";
        var text = $"The job has {count}:{string.Concat(Faults.Select(f => "\n  " + f))}";
        throw new WorkflowException(text, exitCode: 2);
    }
}
