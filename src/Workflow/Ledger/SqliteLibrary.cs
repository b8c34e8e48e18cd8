using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;

namespace Workflow.Ledger;

/// <summary>
/// Makes Microsoft.Data.Sqlite use the system's libsqlite3 (3.40 or newer): the bundled 3.35 has no STRICT tables and sleeps whole seconds when busy.
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

            NativeLibrary.SetDllImportResolver(typeof(SQLitePCL.SQLite3Provider_e_sqlite3).Assembly, (name, _, _) => name == "e_sqlite3" ? handle : IntPtr.Zero);
            SQLitePCL.Batteries_V2.Init();
            var found = SQLitePCL.raw.sqlite3_libversion().utf8_to_string();
            if (Version.Parse(found) < new Version(3, 40))
            {
                throw new WorkflowException($"SQLite {found} found as {SystemLibrary}, but the ledger needs 3.40 or newer (STRICT tables). Upgrade the package libsqlite3-0.");
            }

            loaded = true;
        }
    }

    /// <summary>Opens a connection to a ledger file with the pragmas every connection needs.</summary>
    public static SqliteConnection Open(string path, bool readOnly)
    {
        Load();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = readOnly ? SqliteOpenMode.ReadOnly : SqliteOpenMode.ReadWriteCreate,
            Pooling = false,
            DefaultTimeout = 1,
        }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA busy_timeout=30000; PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;";
        command.ExecuteNonQuery();
        return connection;
    }
}
