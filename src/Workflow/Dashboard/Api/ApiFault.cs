namespace Workflow.Dashboard.Api;

/// <summary>A refusal with its status.</summary>
/// <param name="status">Status of the answer.</param>
/// <param name="message">What was found, what was expected, what to do.</param>
/// <param name="exitCode">The exit code of a command line that is refused so.</param>
sealed class ApiFault(int status, string message, int exitCode = 1) : Exception(message)
{
    /// <summary>Status of the answer.</summary>
    public int Status => status;

    /// <summary>The exit code of a command line that is refused so.</summary>
    public int ExitCode => exitCode;

    /// <summary>What was asked for cannot be meant so: status 422.</summary>
    public static ApiFault Unfit(string message) => new(StatusCodes.Status422UnprocessableEntity, message, exitCode: 2);

    /// <summary>There is nothing of a name: status 404.</summary>
    public static ApiFault Nothing(string message) => new(StatusCodes.Status404NotFound, message, exitCode: 2);
}
