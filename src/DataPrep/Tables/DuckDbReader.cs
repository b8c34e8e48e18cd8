#if STACK_SYSTEM
using System.Runtime.InteropServices;
using static DataPrep.Tables.DuckDbNative;

namespace DataPrep.Tables;

/// <summary>A prepared query whose result streams chunk by chunk.</summary>
sealed unsafe class DuckDbReader : IDisposable
{
    readonly Result* result = (Result*)NativeMemory.AllocZeroed((nuint)sizeof(Result));
    nint statement;
    nint pending;

    internal DuckDbReader(DuckDbSession session, string sql)
    {
        try
        {
            if (duckdb_prepare(session.Connection, sql, out statement) != 0)
            {
                throw new DuckDbException(Marshal.PtrToStringUTF8(duckdb_prepare_error(statement)) ?? "the statement could not be prepared");
            }

            if (duckdb_pending_prepared_streaming(statement, out pending) != 0)
            {
                throw new DuckDbException(Marshal.PtrToStringUTF8(duckdb_pending_error(pending)) ?? "the statement could not be started");
            }

            if (duckdb_execute_pending(pending, result) != 0)
            {
                throw new DuckDbException(Marshal.PtrToStringUTF8(duckdb_result_error(result)) ?? "the statement failed");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Refuses everything but one SELECT.</summary>
    internal static void CheckSelect(DuckDbSession session, string sql)
    {
        nint statement = 0;
        try
        {
            if (duckdb_prepare(session.Connection, sql, out statement) != 0)
            {
                throw new DuckDbException(Marshal.PtrToStringUTF8(duckdb_prepare_error(statement)) ?? "the statement could not be prepared");
            }

            if (duckdb_prepared_statement_type(statement) != SelectStatement)
            {
                throw new DuckDbException("only SELECT (also WITH, DESCRIBE, SUMMARIZE) is allowed here: artifacts are read-only.");
            }
        }
        finally
        {
            duckdb_destroy_prepare(ref statement);
        }
    }

    /// <summary>The next rows as columns of these types, or null at the end.</summary>
    internal ColumnBatch? Next(IReadOnlyList<ColumnType> types)
    {
        var chunk = duckdb_fetch_chunk(*result);
        if (chunk == 0)
        {
            return Marshal.PtrToStringUTF8(duckdb_result_error(result)) is { Length: > 0 } error ? throw new DuckDbException(error) : null;
        }

        try
        {
            var rows = (int)duckdb_data_chunk_get_size(chunk);
            if (rows == 0)
            {
                return null;
            }

            var values = new Array[types.Count];
            for (var c = 0; c < types.Count; c++)
            {
                values[c] = DuckDbVector.Read(duckdb_data_chunk_get_vector(chunk, (ulong)c), types[c], rows);
            }

            return new ColumnBatch(rows, values);
        }
        finally
        {
            duckdb_destroy_data_chunk(ref chunk);
        }
    }

    public void Dispose()
    {
        if (pending != 0)
        {
            duckdb_destroy_pending(ref pending);
        }

        duckdb_destroy_result(result);
        if (statement != 0)
        {
            duckdb_destroy_prepare(ref statement);
        }

        NativeMemory.Free(result);
    }
}
#endif
