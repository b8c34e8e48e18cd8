using System.Diagnostics;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>What one process of the command line said.</summary>
sealed record ProcessAnswer(int ExitCode, string Output, string Error)
{
    /// <summary>The last line of standard output.</summary>
    public string LastLine => Output.TrimEnd('\n').Split('\n')[^1];
}

/// <summary>Runs the built <c>workflow</c> command as a process of its own.</summary>
static class WorkflowProcess
{
    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, "workflow");

    public static async Task<ProcessAnswer> RunAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Executable, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["WORKFLOW_HOME"] = "";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var cancellation = TestContext.Current.CancellationToken;
        var output = process.StandardOutput.ReadToEndAsync(cancellation);
        var error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        return new ProcessAnswer(process.ExitCode, await output, await error);
    }
}
