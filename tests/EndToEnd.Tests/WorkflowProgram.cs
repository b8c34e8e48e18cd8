using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace EndToEnd.Tests;

/// <summary>What a finished command left: exit code and what it printed.</summary>
sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    /// <summary>The last line of stdout as JSON: the result of a command run with --json.</summary>
    public JsonNode Json => JsonNode.Parse(Output.TrimEnd().Split('\n')[^1])!;
}

/// <summary>Runs the built program as a user does: a process of its own, in a session (process group) of its own.</summary>
static partial class WorkflowProgram
{
    public static string Root { get; } = FindRoot();

    static string FindRoot([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    static string Program => Path.Combine(AppContext.BaseDirectory, "workflow");

    /// <summary>Starts a command in its own session, so that its whole group can be killed.</summary>
    public static Process Start(string folder, params string[] arguments) => Start(Program, folder, null, arguments);

    /// <summary>Starts a command the same way under a wall clock that a file moves.</summary>
    public static Process StartAt(string clockFile, string folder, params string[] arguments) => Start(Path.Combine(AppContext.BaseDirectory, "ClockHost"), folder, clockFile, arguments);

    static Process Start(string program, string folder, string? clockFile, string[] arguments)
    {
        var start = new ProcessStartInfo("setsid", ["--wait", program, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        start.Environment["NO_COLOR"] = "1";
        start.Environment["CLOCK_FILE"] = clockFile;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    /// <summary>Runs a command from the repository's root to its end.</summary>
    public static Task<CommandResult> RunAsync(params string[] arguments) => RunInAsync(Root, arguments);

    /// <summary>Runs a command from a folder to its end.</summary>
    public static async Task<CommandResult> RunInAsync(string folder, params string[] arguments)
    {
        using var process = Start(folder, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new CommandResult(process.ExitCode, await output, await errors);
    }

    /// <summary>Kill -9 of everything in the session that a start opened: the program and all that stayed in its process group.</summary>
    public static async Task KillGroupAsync(Process setsid)
    {
        // setsid forks only when it leads a group itself; either way the program's group is the child's or setsid's own pid.
        foreach (var pid in GroupsBelow(setsid.Id))
        {
            _ = Kill(-pid, 9);
        }

        _ = Kill(setsid.Id, 9);
        await setsid.WaitForExitAsync();
    }

    static IEnumerable<int> GroupsBelow(int pid)
    {
        yield return pid;
        var file = $"/proc/{pid}/task/{pid}/children";
        if (File.Exists(file))
        {
            foreach (var child in File.ReadAllText(file).Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return int.Parse(child);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
