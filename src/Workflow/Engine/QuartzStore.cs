using Microsoft.Data.Sqlite;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Engine;

/// <summary>
/// Quartz's SQLite file: made where it is missing, set aside where it cannot be read. Nothing in it is worth a repair, the ledger knows it all.
/// Connections are not pooled, so a file that was deleted or replaced is noticed with the next statement; one that is kept open holds the write-ahead log between them.
/// </summary>
sealed class QuartzStore(HomePaths home, string scheduler, string instance, TimeProvider time, Action<string> log)
{
    /// <summary>Group of the triggers that are alarms.</summary>
    public const string Alarms = "alarm";

    LedgerConnection? keeper;

    /// <summary>The file.</summary>
    public string File => home.Engine;

    /// <summary>How Quartz connects; never creates the file, so that a deleted one is an error and not an empty one.</summary>
    public string ConnectionString => new SqliteConnectionStringBuilder { DataSource = File, Mode = SqliteOpenMode.ReadWrite, Pooling = false, DefaultTimeout = 30 }.ToString();

    /// <summary>Makes the file ready for a scheduler, which must hold the store's lock.</summary>
    /// <exception cref="WorkflowException">It can be neither read nor made anew.</exception>
    public void Open()
    {
        Close();
        Directory.CreateDirectory(home.Root);
        if (!System.IO.File.Exists(File))
        {
            RemoveSides();
        }

        try
        {
            try
            {
                keeper = Ready();
            }
            catch (SqliteException fault) when (Blames(fault))
            {
                SetAside(fault.Message);
                keeper = Ready();
            }
        }
        catch (SqliteException fault)
        {
            throw new WorkflowException(
                $"The engine's store {File} cannot be opened: {fault.Message} It holds nothing that the ledger does not know: free some space or make the folder writable; the file may be deleted.", inner: fault);
        }
    }

    /// <summary>What is wrong with the file, or null; where nothing is, the alarms in it, due in ticks.</summary>
    public string? Look(out Dictionary<string, long> alarms)
    {
        alarms = new Dictionary<string, long>(StringComparer.Ordinal);
        if (!System.IO.File.Exists(File))
        {
            return "is gone";
        }

        try
        {
            using var fresh = new LedgerConnection(File, readOnly: true);
            foreach (var (key, due) in fresh.Query("SELECT TRIGGER_NAME, COALESCE(NEXT_FIRE_TIME, 0) FROM QRTZ_TRIGGERS WHERE SCHED_NAME=?1 AND TRIGGER_GROUP=?2", r => (r.Text(0), r.Number(1)), scheduler, Alarms))
            {
                alarms.Add(key, due);
            }

            return null;
        }
        catch (SqliteException fault)
        {
            return Blames(fault) || !System.IO.File.Exists(File) ? $"cannot be read ({fault.Message})" : null;
        }
    }

    /// <summary>Moves what is there to the quarantine.</summary>
    public void SetAside(string why)
    {
        Close();
        if (!System.IO.File.Exists(File))
        {
            RemoveSides();
            log($"The engine's store {File} {why}; made anew with the alarms that are wanted.");
            return;
        }

        Directory.CreateDirectory(home.Quarantine);
        var target = Path.Combine(home.Quarantine, $"quartz-{time.GetUtcNow():yyyyMMddTHHmmssfff}");
        var name = target;
        for (var i = 2; System.IO.File.Exists(name + ".db"); i++)
        {
            name = $"{target}-{i}";
        }

        foreach (var side in (ReadOnlySpan<string>)["", "-wal", "-shm"])
        {
            if (System.IO.File.Exists(File + side))
            {
                System.IO.File.Move(File + side, name + ".db" + side);
            }
        }

        log($"The engine's store {File} could not be used ({why}); moved to {name}.db and made anew with the alarms that are wanted.");
    }

    /// <summary>Closes the connection that is kept open.</summary>
    public void Close()
    {
        keeper?.Dispose();
        keeper = null;
    }

    LedgerConnection Ready()
    {
        var connection = new LedgerConnection(File, readOnly: false);
        try
        {
            connection.Script("PRAGMA journal_mode=WAL;");
            if (connection.Text("PRAGMA quick_check(1)") is not "ok" and var found)
            {
                throw new SqliteException($"quick_check says: {found}", SQLitePCL.raw.SQLITE_CORRUPT);
            }

            if (connection.Number("SELECT COUNT(*) FROM sqlite_schema WHERE name='QRTZ_FIRED_TRIGGERS'") == 1)
            {
                // Quartz throws away what another instance left unfinished. We hold the lock, so every other instance is dead and its work is ours.
                connection.Execute("UPDATE QRTZ_FIRED_TRIGGERS SET INSTANCE_NAME=?1 WHERE SCHED_NAME=?2 AND INSTANCE_NAME<>?1", instance, scheduler);
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Whether a fault is the file's (its bytes, or a schema of another version), and not that of the disk, its rights or another process, which pass.</summary>
    public static bool Blames(Exception fault) =>
        fault.GetBaseException() is not SqliteException sqlite || sqlite.SqliteErrorCode is SQLitePCL.raw.SQLITE_CORRUPT or SQLitePCL.raw.SQLITE_NOTADB or SQLitePCL.raw.SQLITE_ERROR;

    void RemoveSides()
    {
        System.IO.File.Delete(File + "-wal");
        System.IO.File.Delete(File + "-shm");
    }
}
