using System.Diagnostics;

namespace Durability;

/// <summary>SQLite's own shell, a judge of the file we wrote.</summary>
static class SqliteShell
{
    public static async Task<string> RunAsync(string file, string sql, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("sqlite3", ["-readonly", "-cmd", ".timeout 30000", file, sql]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? (await output).Trim() : throw new InvalidOperationException($"sqlite3: {await error}");
    }
}
