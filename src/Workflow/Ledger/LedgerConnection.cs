using System.Buffers;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Workflow.Ledger;

/// <summary>One open connection with its prepared statements; parameters are positional: <c>?1</c>, <c>?2</c>. Used by one thread at a time.</summary>
public sealed class LedgerConnection : IDisposable
{
    readonly sqlite3 connection;
    readonly Dictionary<string, Statement> prepared = new(StringComparer.Ordinal);

    // The same statements by the string object that first named them: a literal is found without reading it.
    readonly Dictionary<string, Statement> literals = new(ReferenceEqualityComparer.Instance);
    bool guarded;

    // Counters of SQLite that its binding does not name: operations executed, and rows passed over in a scan of a whole table or index.
    const int VmSteps = 4;
    const int FullScanSteps = 1;

    internal LedgerConnection(string path, bool readOnly)
    {
        connection = SqliteLibrary.Open(path, readOnly);
        try
        {
            // The writer touches the same few index pages over and over; readers come and go.
            Script($"PRAGMA foreign_keys=ON; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY; PRAGMA cache_size={(readOnly ? -2000 : -65536)};");
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Told of every statement that has been run, with what it cost; null, as a rule, asks for nothing.</summary>
    internal Action<StatementCost>? Watch { get; set; }

    /// <summary>Whether a transaction is open. SQLite closes one by itself when a disk is full or fails.</summary>
    internal bool InTransaction => raw.sqlite3_get_autocommit(connection) == 0;

    /// <summary>Runs a statement and returns the number of rows it changed.</summary>
    /// <exception cref="SqliteException">SQLite refuses.</exception>
    public int Execute(string sql, params ReadOnlySpan<object?> arguments)
    {
        var statement = Start(sql, arguments);
        try
        {
            while (Step(statement))
            {
            }

            return statement.Writes ? raw.sqlite3_changes(connection) : 0;
        }
        finally
        {
            End(statement);
        }
    }

    /// <summary>Runs several statements without parameters.</summary>
    /// <exception cref="SqliteException">SQLite refuses.</exception>
    public void Script(string sql)
    {
        RefuseLost();
        var result = raw.sqlite3_exec(connection, sql);
        if (result != raw.SQLITE_OK)
        {
            throw Fault(result);
        }
    }

    /// <summary>Reads all rows.</summary>
    /// <exception cref="SqliteException">SQLite refuses.</exception>
    public List<T> Query<T>(string sql, Func<Row, T> map, params ReadOnlySpan<object?> arguments)
    {
        var rows = new List<T>();
        var statement = Start(sql, arguments);
        try
        {
            while (Step(statement))
            {
                rows.Add(map(new Row(statement.Handle)));
            }

            return rows;
        }
        finally
        {
            End(statement);
        }
    }

    /// <summary>Reads the first row, or default where there is none.</summary>
    /// <exception cref="SqliteException">SQLite refuses.</exception>
    public T? First<T>(string sql, Func<Row, T> map, params ReadOnlySpan<object?> arguments)
    {
        var statement = Start(sql, arguments);
        try
        {
            return Step(statement) ? map(new Row(statement.Handle)) : default;
        }
        finally
        {
            End(statement);
        }
    }

    /// <summary>First column of the first row as an integer; 0 where there is no row or it is NULL.</summary>
    /// <exception cref="SqliteException">SQLite refuses.</exception>
    public long Number(string sql, params ReadOnlySpan<object?> arguments)
    {
        var statement = Start(sql, arguments);
        try
        {
            return Step(statement) && raw.sqlite3_column_type(statement.Handle, 0) == raw.SQLITE_INTEGER ? raw.sqlite3_column_int64(statement.Handle, 0) : 0;
        }
        finally
        {
            End(statement);
        }
    }

    /// <summary>First column of the first row as text; null where there is no row or it is NULL.</summary>
    /// <exception cref="SqliteException">SQLite refuses.</exception>
    public string? Text(string sql, params ReadOnlySpan<object?> arguments)
    {
        var statement = Start(sql, arguments);
        try
        {
            return Step(statement) && raw.sqlite3_column_type(statement.Handle, 0) == raw.SQLITE_TEXT ? raw.sqlite3_column_text(statement.Handle, 0).utf8_to_string() : null;
        }
        finally
        {
            End(statement);
        }
    }

    /// <summary>
    /// While set, a transaction is open, and once SQLite has thrown it away every further statement fails: a body that swallows the fault must not go on outside of a transaction.
    /// </summary>
    internal bool Guarded
    {
        set => (guarded, Lost) = (value, null);
    }

    /// <summary>The fault with which SQLite threw the guarded transaction away, or null.</summary>
    internal SqliteException? Lost { get; private set; }

    Statement Start(string sql, ReadOnlySpan<object?> arguments)
    {
        RefuseLost();
        if (!literals.TryGetValue(sql, out var statement) && !prepared.TryGetValue(sql, out statement))
        {
            prepared.Add(sql, statement = Prepare(sql));
            literals.Add(sql, statement);
        }

        if (statement.Running)
        {
            throw new InvalidOperationException($"The statement is still being read, further out: {sql}");
        }

        if (arguments.Length < statement.Parameters)
        {
            throw new ArgumentException($"The statement has {statement.Parameters} parameters, {arguments.Length} are given: {sql}", nameof(arguments));
        }

        for (var i = 0; i < statement.Parameters; i++)
        {
            Bind(statement.Handle, i + 1, arguments[i]);
        }

        statement.Running = true;
        return statement;
    }

    Statement Prepare(string sql)
    {
        var result = raw.sqlite3_prepare_v3(connection, sql, raw.SQLITE_PREPARE_PERSISTENT, out var handle, out var rest);
        if (result != raw.SQLITE_OK)
        {
            throw Fault(result);
        }

        if (!string.IsNullOrWhiteSpace(rest))
        {
            handle.Dispose();
            throw new ArgumentException($"One statement at a time; this follows the first: {rest}", nameof(sql));
        }

        return new Statement(handle, sql);
    }

    /// <summary>Goes to the next row; false at the end.</summary>
    bool Step(Statement statement)
    {
        var result = raw.sqlite3_step(statement.Handle);
        return result switch
        {
            raw.SQLITE_ROW => true,
            raw.SQLITE_DONE => false,
            _ => throw Fault(result),
        };
    }

    void End(Statement statement)
    {
        // Says again what the step said, and that has been told.
        _ = raw.sqlite3_reset(statement.Handle);
        Watch?.Invoke(new StatementCost(statement.Sql, raw.sqlite3_stmt_status(statement.Handle, VmSteps, 1), raw.sqlite3_stmt_status(statement.Handle, FullScanSteps, 1)));
        statement.Running = false;
    }

    static void Bind(sqlite3_stmt statement, int at, object? value)
    {
        var result = value switch
        {
            null => raw.sqlite3_bind_null(statement, at),
            // An empty span would be bound as NULL.
            "" => raw.sqlite3_bind_text(statement, at, ""),
            string text => BindText(statement, at, text),
            long number => raw.sqlite3_bind_int64(statement, at, number),
            int number => raw.sqlite3_bind_int64(statement, at, number),
            bool flag => raw.sqlite3_bind_int64(statement, at, flag ? 1 : 0),
            double real => raw.sqlite3_bind_double(statement, at, real),
            _ => throw new ArgumentException($"The ledger stores text, integers and reals, not {value.GetType()}.", nameof(value)),
        };
        if (result != raw.SQLITE_OK)
        {
            throw new SqliteException($"SQLite Error {result}: '{raw.sqlite3_errstr(result).utf8_to_string()}'.", result);
        }
    }

    static int BindText(sqlite3_stmt statement, int at, string text)
    {
        const int onStack = 512;
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        if (most <= onStack)
        {
            Span<byte> bytes = stackalloc byte[onStack];
            return raw.sqlite3_bind_text(statement, at, bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
        }

        var rented = ArrayPool<byte>.Shared.Rent(most);
        try
        {
            return raw.sqlite3_bind_text(statement, at, rented.AsSpan(0, Encoding.UTF8.GetBytes(text, rented)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    void RefuseLost()
    {
        if (Lost is { } lost)
        {
            throw new SqliteException(lost.Message, lost.SqliteErrorCode, lost.SqliteExtendedErrorCode);
        }
    }

    SqliteException Fault(int result)
    {
        var fault = SqliteLibrary.Fault(result, connection);
        if (guarded && !InTransaction)
        {
            Lost = fault;
        }

        return fault;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var statement in prepared.Values)
        {
            statement.Handle.Dispose();
        }

        connection.Dispose();
    }

    sealed class Statement(sqlite3_stmt handle, string sql)
    {
        public string Sql => sql;

        public sqlite3_stmt Handle => handle;

        public int Parameters { get; } = raw.sqlite3_bind_parameter_count(handle);

        public bool Writes { get; } = raw.sqlite3_stmt_readonly(handle) == 0;

        public bool Running { get; set; }
    }
}
