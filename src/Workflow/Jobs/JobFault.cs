namespace Workflow.Jobs;

/// <summary>One fault of a job: what was found where, and what was expected.</summary>
/// <param name="Source">The job file as it was given, or the <c>--set</c> argument.</param>
/// <param name="Line">Line from 1; 0 for a <c>--set</c> argument.</param>
/// <param name="Column">Column from 1; 0 for a <c>--set</c> argument.</param>
/// <param name="Path">Path in the job: <c>stages.train.with.temperature</c>; empty for the job as a whole.</param>
/// <param name="Message">What was found and what was expected.</param>
public sealed record JobFault(string Source, int Line, int Column, string Path, string Message)
{
    /// <summary><c>file:line:column path: message</c>.</summary>
    public override string ToString()
    {
        var where = Line == 0 ? Source : $"{Source}:{Line}:{Column}";
        return Path.Length == 0 ? $"{where}: {Message}" : $"{where} {Path}: {Message}";
    }
}
