namespace Workflow;

/// <summary>A fault its user can mend; the command line prints the message alone and exits with <see cref="ExitCode"/>.</summary>
public sealed class WorkflowException(string message, int exitCode = 1, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>1 failed, 2 usage.</summary>
    public int ExitCode { get; } = exitCode;
}
