#if STACK_SYSTEM
using System.Runtime.InteropServices;
using static DataPrep.Tables.DuckDbNative;

namespace DataPrep.Tables;

/// <summary>One in-memory database with one connection. Not thread-safe but for <see cref="Interrupt"/>.</summary>
sealed unsafe class DuckDbSession : IDisposable
{
    nint database;
    nint connection;

    internal DuckDbSession(DuckDbOptions options)
    {
        Check(duckdb_create_config(out var config) == 0, "duckdb_create_config failed");
        try
        {
            Set(config, "threads", options.Threads.ToString());
            Set(config, "memory_limit", options.MemoryMiB + "MiB");
            Set(config, "temp_directory", options.Scratch ?? "");
            Set(config, "autoinstall_known_extensions", "false");
            Set(config, "autoload_known_extensions", "false");
            if (duckdb_open_ext(null, out database, config, out var error) != 0)
            {
                var message = Marshal.PtrToStringUTF8(error);
                duckdb_free(error);
                throw new DataPrepException($"DuckDB did not open: {message}");
            }
        }
        finally
        {
            duckdb_destroy_config(ref config);
        }

        Check(duckdb_connect(database, out connection) == 0, "duckdb_connect failed");
    }

    internal nint Connection => connection;

    /// <summary>Runs a statement without a result.</summary>
    /// <exception cref="DuckDbException">DuckDB's message.</exception>
    internal void Execute(string sql)
    {
        Result result = default;
        try
        {
            if (duckdb_query(connection, sql, &result) != 0)
            {
                throw new DuckDbException(Marshal.PtrToStringUTF8(duckdb_result_error(&result)) ?? "unknown error");
            }
        }
        finally
        {
            duckdb_destroy_result(&result);
        }
    }

    /// <summary>Names and types of a query's columns; the type is null where tables do not know it.</summary>
    internal List<(string Name, ColumnType? Type)> Describe(string sql)
    {
        Result result = default;
        try
        {
            if (duckdb_query(connection, sql, &result) != 0)
            {
                throw new DuckDbException(Marshal.PtrToStringUTF8(duckdb_result_error(&result)) ?? "unknown error");
            }

            var columns = new List<(string, ColumnType?)>();
            var count = duckdb_column_count(&result);
            for (ulong c = 0; c < count; c++)
            {
                var type = duckdb_column_logical_type(&result, c);
                columns.Add((Marshal.PtrToStringUTF8(duckdb_column_name(&result, c)) ?? "", DuckDbVector.TypeOf(type)));
                duckdb_destroy_logical_type(ref type);
            }

            return columns;
        }
        finally
        {
            duckdb_destroy_result(&result);
        }
    }

    /// <summary>Stops the running statement; safe from any thread.</summary>
    internal void Interrupt()
    {
        if (connection != 0)
        {
            duckdb_interrupt(connection);
        }
    }

    public void Dispose()
    {
        if (connection != 0)
        {
            duckdb_disconnect(ref connection);
        }

        if (database != 0)
        {
            duckdb_close(ref database);
        }
    }

    /// <summary>A string literal of SQL.</summary>
    internal static string Quote(string text) => "'" + text.Replace("'", "''") + "'";

    /// <summary>An identifier of SQL.</summary>
    internal static string Name(string text) => "\"" + text.Replace("\"", "\"\"") + "\"";

    /// <summary>A literal for read_parquet that means this one file, whatever glob characters its path holds.</summary>
    internal static string File(string path) => Quote(Path.GetFullPath(path).Replace("[", "[[]").Replace("*", "[*]").Replace("?", "[?]"));

    static void Set(nint config, string name, string value) => Check(duckdb_set_config(config, name, value) == 0, $"DuckDB refuses {name} = '{value}'");

    static void Check(bool ok, string message)
    {
        if (!ok)
        {
            throw new DataPrepException(message + ". Expected DuckDB 1.5; run `npm ci`.");
        }
    }
}
#endif
