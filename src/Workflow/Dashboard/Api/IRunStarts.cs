namespace Workflow.Dashboard.Api;

/// <summary>A job that somebody sends to be run.</summary>
/// <param name="Text">The job file's text.</param>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Sets"><c>path=value</c> arguments.</param>
/// <param name="Priority">Null takes the job's.</param>
public sealed record SentJob(string Text, string Name, IReadOnlyList<string> Sets, int? Priority);

/// <summary>Starts runs of jobs that are sent, as the command line does beside a live serve.</summary>
public interface IRunStarts
{
    /// <summary>Checks a job and asks for its run; its line in the audit is written with the request.</summary>
    /// <param name="job">The job; its paths, and those its sets name, stay inside the allowed folders.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, or empty.</param>
    /// <param name="cancellationToken">Gives up asking.</param>
    /// <returns>The run's id; the run may take a moment to be there.</returns>
    /// <exception cref="WorkflowException">The job is faulty: every fault, with its line.</exception>
    Task<string> StartAsync(SentJob job, string actor, string reason, CancellationToken cancellationToken);
}
