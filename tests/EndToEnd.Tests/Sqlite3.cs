using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Workflow.Ledger;

namespace EndToEnd.Tests;

/// <summary>The ledger as sqlite3 itself sees it: the oracle of these tests.</summary>
static class Sqlite3
{
    const int NoSuchTable = 1;
    const int Busy = 5;
    const int CannotOpen = 14;

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

    /// <summary>The first value, a text, of a query, read in this process: for waiting, many times a second; null while there is none, or the file or its tables are not there. What must hold is asked with QueryAsync.</summary>
    public static string? Look(string home, string sql)
    {
        var file = Path.Combine(home, "ledger.db");
        if (!File.Exists(file))
        {
            return null;
        }

        try
        {
            using var ledger = new LedgerConnection(file, readOnly: true);
            return ledger.Text(sql);
        }
        catch (SqliteException fault) when (fault.SqliteErrorCode is NoSuchTable or Busy or CannotOpen)
        {
            return null;
        }
    }
}
