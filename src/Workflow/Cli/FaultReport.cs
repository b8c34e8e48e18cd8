using System.CommandLine;
using Microsoft.Data.Sqlite;

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

        if (IsFullDisk(fault))
        {
            await context.Error.WriteLineAsync($"No space is left on the disk of {context.PathsOf(parse).Root} ({fault.Message.TrimEnd('.')}). Free some and `workflow resume last`: nothing committed is lost.");
            return 1;
        }

        if (fault is IOException or UnauthorizedAccessException)
        {
            // A missing folder, a refused permission: the system's own words name the file.
            await context.Error.WriteLineAsync(fault.Message);
            return 1;
        }

        var log = Log(fault, arguments, context, parse);
        await context.Error.WriteLineAsync($"{fault.GetType().Name}: {fault.Message}\nThis is a bug. {(log is null ? fault.ToString() : $"Details: {log}")}");
        return 1;
    }

    /// <summary>ENOSPC of a file, or SQLite's own word for it.</summary>
    static bool IsFullDisk(Exception fault) => fault is IOException { HResult: 28 } or SqliteException { SqliteErrorCode: 13 };

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
