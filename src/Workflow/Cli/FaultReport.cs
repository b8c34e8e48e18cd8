using System.CommandLine;

namespace Workflow.Cli;

/// <summary>Tells a fault: what a user can mend as its message alone, anything else as a bug with a log file.</summary>
static class FaultReport
{
    /// <summary>Writes the message and returns the exit code.</summary>
    public static async Task<int> WriteAsync(Exception fault, IReadOnlyList<string> arguments, CliContext context, ParseResult parse)
    {
        if (fault is AggregateException { InnerExceptions: [var only] })
        {
            fault = only;
        }

        if (fault is OperationCanceledException)
        {
            await context.Error.WriteLineAsync("Stopped.");
            return 1;
        }

        if (CommandLine.IsForUser(fault))
        {
            await context.Error.WriteLineAsync(fault.Message);
            return fault is WorkflowException { ExitCode: var code } ? code : 1;
        }

        if (fault is IOException or UnauthorizedAccessException)
        {
            // A full disk, a missing folder, a refused permission: the system's own words name the file.
            await context.Error.WriteLineAsync($"{fault.Message}{(fault.HResult == 28 ? " Free some space and run the command again: nothing committed is lost." : "")}");
            return 1;
        }

        var log = Log(fault, arguments, context, parse);
        await context.Error.WriteLineAsync($"{fault.GetType().Name}: {fault.Message}\nThis is a bug. {(log is null ? fault.ToString() : $"Details: {log}")}");
        return 1;
    }

    static string? Log(Exception fault, IReadOnlyList<string> arguments, CliContext context, ParseResult parse)
    {
        var now = context.Time.GetUtcNow();
        var home = context.PathsOf(parse).Root;
        var folder = Directory.Exists(home) ? Path.Combine(home, "logs") : Path.GetTempPath();
        var file = Path.Combine(folder, $"workflow-fault-{now:yyyyMMdd-HHmmss}-{Environment.ProcessId}.log");
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(file, $"{now:O}\nworkflow {string.Join(' ', arguments)}\n{Environment.OSVersion} .NET {Environment.Version}\n\n{fault}\n");
            return file;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
