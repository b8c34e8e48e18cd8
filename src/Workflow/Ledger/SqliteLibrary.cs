using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Workflow.Ledger;

/// <summary>
/// Makes SQLitePCLRaw, and whatever stands on it, use the system's libsqlite3 (3.40 or newer): the bundled 3.35 has no STRICT tables and sleeps whole seconds when busy.
/// Both libraries must never touch one file in one process, so there is no silent fall-back.
/// </summary>
static class SqliteLibrary
{
    const string SystemLibrary = "libsqlite3.so.0";
    static readonly Lock Gate = new();
    static bool loaded;

    /// <summary>Loads the library once per process.</summary>
    /// <exception cref="WorkflowException">No usable system SQLite.</exception>
    public static void Load()
    {
        lock (Gate)
        {
            if (loaded)
            {
                return;
            }

            if (!NativeLibrary.TryLoad(SystemLibrary, out var handle))
            {
                throw new WorkflowException($"SQLite not found: {SystemLibrary} could not be loaded. The ledger needs SQLite 3.40 or newer; install it with: apt-get install libsqlite3-0");
            }

            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == "e_sqlite3" ? handle : IntPtr.Zero);
            Batteries_V2.Init();

            // Nobody asks SQLite how much memory it holds, and keeping count costs a process-wide lock per allocation.
            const int memoryStatus = 9;
            _ = raw.sqlite3_config(memoryStatus, 0);
            var found = raw.sqlite3_libversion().utf8_to_string();
            if (Version.Parse(found) < new Version(3, 40))
            {
                throw new WorkflowException($"SQLite {found} found as {SystemLibrary}, but the ledger needs 3.40 or newer (STRICT tables). Upgrade the package libsqlite3-0.");
            }

            loaded = true;
        }
    }

    /// <summary>Opens a ledger file for one thread at a time; a lock held elsewhere is waited for 30 s.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static sqlite3 Open(string path, bool readOnly)
    {
        Load();
        var mode = readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE;
        var result = raw.sqlite3_open_v2(Path.GetFullPath(path), out var connection, mode | raw.SQLITE_OPEN_NOMUTEX, null);
        if (result != raw.SQLITE_OK)
        {
            using (connection)
            {
                throw Fault(result, connection);
            }
        }

        _ = raw.sqlite3_busy_timeout(connection, 30_000);
        return connection;
    }

    /// <summary>The exception of a result code, with the connection's message.</summary>
    public static SqliteException Fault(int result, sqlite3 connection) =>
        new($"SQLite Error {result}: '{raw.sqlite3_errmsg(connection).utf8_to_string()}'.", result, raw.sqlite3_extended_errcode(connection));
}
