using System.Diagnostics;

namespace EndToEnd.Tests;

/// <summary>The ledger as sqlite3 itself sees it: the oracle of these tests.</summary>
static class Sqlite3
{
    /// <summary>Rows of a query, columns separated by |; empty while the file does not exist.</summary>
    public static async Task<string[]> QueryAsync(string home, string sql)
    {
        var file = Path.Combine(home, "ledger.db");
        if (!File.Exists(file))
        {
            return [];
        }

        using var process = Process.Start(new ProcessStartInfo("sqlite3", ["-cmd", ".timeout 10000", file, sql]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
