using System.Reflection;

namespace Workflow.Ledger;

/// <summary>
/// The ledger of a home: one SQLite file in WAL mode with <c>synchronous=FULL</c>. Writes of one process stand in one queue and share <c>BEGIN IMMEDIATE</c> transactions and their flushes
/// (group commit), so no transaction starts as a reader and fails to become a writer. Reads run beside them on their own connections.
/// </summary>
public sealed class LedgerDb : IDisposable
{
    const string ReadOnly = "The ledger is opened for reading; this command must not write.";
    readonly string path;
    readonly Lock pooling = new();
    readonly Stack<LedgerConnection> idle = new();
    readonly LedgerConnection? writer;
    readonly WriteQueue? queue;
    bool disposed;
    Action<StatementCost>? watch;

    LedgerDb(string path, TimeProvider time, bool readOnly)
    {
        this.path = path;
        Time = time;
        writer = readOnly ? null : new LedgerConnection(path, readOnly: false);
        queue = writer is null ? null : new WriteQueue(writer, path);
    }

    /// <summary>The clock that stamps rows.</summary>
    public TimeProvider Time { get; }

    /// <summary>How long a transaction takes further writes in.</summary>
    internal TimeSpan LongestGroup
    {
        set => Queue.Longest = value;
    }

    /// <summary>Told of every statement that later reads run, with what it cost; calls come from many threads.</summary>
    internal Action<StatementCost>? Watch
    {
        get => watch;
        set
        {
            watch = value;
            lock (pooling)
            {
                // Those that wait for their next use tell whom they were opened for.
                while (idle.TryPop(out var connection))
                {
                    connection.Dispose();
                }
            }
        }
    }

    /// <summary>Writes made durable by this process since it opened the ledger.</summary>
    public long Writes => queue?.Writes ?? 0;

    /// <summary>The transactions, with one flush each, that held them.</summary>
    public long Commits => queue?.Commits ?? 0;

    /// <summary>Newest schema this program knows: the number of its last migration.</summary>
    public static int Schema => Migrations().Length;

    /// <summary>Opens the ledger of a home for reading and writing; creates it, or brings it forward to the newest schema.</summary>
    /// <param name="file">The ledger's file, see <c>HomePaths.Ledger</c>; its folder is created.</param>
    /// <param name="time">Clock for stamps.</param>
    /// <exception cref="WorkflowException">The ledger was written by a newer version.</exception>
    public static LedgerDb Open(string file, TimeProvider time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        var ledger = new LedgerDb(file, time, readOnly: false);
        try
        {
            TurnToWal(ledger.writer!);
            ledger.writer!.Script("PRAGMA wal_autocheckpoint=1000; PRAGMA cache_size=-65536;");
            ledger.Migrate();
            return ledger;
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>SQLite does not wait for the lock under which a new file is turned to its write-ahead log: others that open it at the same time are waited for here.</summary>
    static void TurnToWal(LedgerConnection writer)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                writer.Script("PRAGMA journal_mode=WAL;");
                return;
            }
            catch (Microsoft.Data.Sqlite.SqliteException fault) when (fault.SqliteErrorCode == SQLitePCL.raw.SQLITE_BUSY && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(30))
            {
                Thread.Sleep(5);
            }
        }
    }

    /// <summary>Opens the ledger of a home for reading; never takes the home's lock.</summary>
    /// <exception cref="WorkflowException">There is none, or it has another schema.</exception>
    public static LedgerDb OpenRead(string file, TimeProvider time)
    {
        if (!File.Exists(file))
        {
            throw new WorkflowException($"No ledger at {file}. Nothing has run in this home yet: start with `workflow run JOB.yaml`, or name another home with --home.");
        }

        var ledger = new LedgerDb(file, time, readOnly: true);
        try
        {
            var version = ledger.Read(db => (int)db.Number("PRAGMA user_version"));
            RefuseNewer(file, version);
            if (version < Schema)
            {
                // An older schema is brought forward by whoever opens it for writing; reading it half-known would answer wrongly.
                ledger.Dispose();
                Open(file, time).Dispose();
                return new LedgerDb(file, time, readOnly: true);
            }

            return ledger;
        }
        catch
        {
            ledger.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Runs a write, all or nothing, and returns after it is durable. Callers who meet share a transaction: the body may run on another caller's thread, sees what bodies before it wrote,
    /// must neither block nor write through the ledger itself, and is undone alone where it throws.
    /// </summary>
    /// <exception cref="WorkflowException">Another process held the ledger for more than 30 s.</exception>
    /// <exception cref="Microsoft.Data.Sqlite.SqliteException">SQLite refused a statement or the commit (13: the disk is full); nothing of this write is stored.</exception>
    /// <exception cref="InvalidOperationException">Called inside the body of another write, or on a ledger opened for reading.</exception>
    public T Write<T>(Func<LedgerConnection, T> body) => Queue.Write(body);

    /// <summary>Runs a write; see <see cref="Write{T}"/>.</summary>
    public void Write(Action<LedgerConnection> body) => Queue.Write(Returning(body));

    /// <summary>The same without a waiting thread; the task ends when the write is durable.</summary>
    /// <param name="body">The body.</param>
    /// <param name="cancellationToken">Gives up a write whose body has not started.</param>
    public Task<T> WriteAsync<T>(Func<LedgerConnection, T> body, CancellationToken cancellationToken = default) => Queue.WriteAsync(body, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<LedgerConnection> body, CancellationToken cancellationToken = default) => Queue.WriteAsync(Returning(body), cancellationToken);

    WriteQueue Queue => queue ?? throw new InvalidOperationException(ReadOnly);

    static Func<LedgerConnection, bool> Returning(Action<LedgerConnection> body) => db =>
    {
        body(db);
        return true;
    };

    /// <summary>Reads one consistent snapshot.</summary>
    public T Read<T>(Func<LedgerConnection, T> body)
    {
        LedgerConnection? connection = null;
        lock (pooling)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            idle.TryPop(out connection);
        }

        connection ??= new LedgerConnection(path, readOnly: true) { Watch = Watch };
        var returned = false;
        try
        {
            connection.Execute("BEGIN");
            var result = body(connection);
            connection.Execute("COMMIT");
            lock (pooling)
            {
                if (!disposed && idle.Count < 4)
                {
                    idle.Push(connection);
                    returned = true;
                }
            }

            return result;
        }
        finally
        {
            if (!returned)
            {
                connection.Dispose();
            }
        }
    }

    void Migrate()
    {
        var scripts = Migrations();
        var version = (int)writer!.Number("PRAGMA user_version");
        RefuseNewer(path, version);
        if (version == scripts.Length)
        {
            return;
        }

        Write(db =>
        {
            // Another process may have been here first: ask again under the write lock.
            var from = (int)db.Number("PRAGMA user_version");
            RefuseNewer(path, from);
            for (var i = from; i < scripts.Length; i++)
            {
                db.Script(scripts[i]);
            }

            db.Script($"PRAGMA user_version={scripts.Length}");
            if (from == 0)
            {
                db.Execute("INSERT INTO home(k, v) VALUES ('home_id', ?1), ('created_us', ?2)", Time.NewId(), Time.Micros().ToString());
            }
        });
    }

    static void RefuseNewer(string file, int version)
    {
        if (version > Schema)
        {
            throw new WorkflowException($"The ledger {file} has schema {version}; this version knows {Schema}. It was written by a newer workflow: use that one, or another --home.");
        }
    }

    /// <summary>The embedded scripts Migrations/NNN_name.sql in order.</summary>
    static string[] Migrations()
    {
        var assembly = typeof(LedgerDb).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(n => n.Contains(".Ledger.Migrations.", StringComparison.Ordinal) && n.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(n => Script(assembly, n))];
    }

    static string Script(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    /// <summary>Waits for the transaction under way; writes that still wait behind it fail.</summary>
    public void Dispose()
    {
        if (queue is { Inside: true })
        {
            throw new InvalidOperationException("The ledger is closed inside the body of a write.");
        }

        lock (pooling)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
        }

        queue?.Dispose();
        lock (pooling)
        {
            while (idle.TryPop(out var connection))
            {
                connection.Dispose();
            }
        }

        // The writer goes last: it folds the log back into the file.
        writer?.Dispose();
    }
}
