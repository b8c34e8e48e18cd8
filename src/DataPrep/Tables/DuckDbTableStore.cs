#if STACK_SYSTEM
using System.Runtime.InteropServices;
using static DataPrep.Tables.DuckDbNative;

namespace DataPrep.Tables;

/// <summary>
/// Parquet through DuckDB's C library. Rows are appended to a table in memory (beyond its limit, in the scratch folder) together with their ordinal and copied out in that order:
/// zstd level 3 (tables with vectors: uncompressed plain pages), row groups of 20,480 rows, so bytes do not depend on threads or memory. They do depend on the library's version, which package-lock.json pins; the logical hash does not.
/// </summary>
public sealed unsafe class DuckDbTableStore(DuckDbOptions? options = null) : ITableStore
{
    /// <summary>Rows of a row group.</summary>
    public const int RowGroup = 20480;

    const string Ordinal = "__ordinal";
    readonly DuckDbOptions options = options ?? new DuckDbOptions();

    /// <summary>Version of the loaded library, for example "v1.5.6".</summary>
    public static string LibraryVersion => Marshal.PtrToStringUTF8(duckdb_library_version()) ?? "";

    /// <inheritdoc/>
    public IEnumerable<ColumnBatch> Read(string path, TableSchema columns, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(path))
        {
            throw new DataPrepException($"Table '{path}' does not exist. Expected a Parquet file with {TableFaults.Columns(columns)}.");
        }

        return Stream(path, columns, cancellationToken);
    }

    /// <inheritdoc/>
    public TableFile Write(string path, TableSchema schema, IEnumerable<ColumnBatch> batches, CancellationToken cancellationToken = default)
    {
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
        {
            throw new DataPrepException($"Table '{path}' cannot be written: its folder does not exist.");
        }

        var finished = false;
        try
        {
            File.Delete(path);
            using var session = new DuckDbSession(options);
            using var hasher = new LogicalHasher(schema);
            Append(session, schema, batches, hasher, cancellationToken);
            var names = string.Join(", ", schema.Columns.Select(c => DuckDbSession.Name(c.Name)));
            using (cancellationToken.Register(session.Interrupt))
            {
                session.Execute($"COPY (SELECT {names} FROM rows ORDER BY {Ordinal}) TO {DuckDbSession.Quote(Path.GetFullPath(path))} (FORMAT parquet, {Encoding(schema)}, ROW_GROUP_SIZE {RowGroup}, USE_TMP_FILE false)");
            }

            using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
            {
                file.Flush(flushToDisk: true);
            }

            finished = true;
            return new TableFile(Path.GetFileName(path), hasher.Rows, hasher.Finish());
        }
        catch (Exception e) when (e is DuckDbException or IOException or UnauthorizedAccessException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw TableFaults.Write(path, e);
        }
        finally
        {
            if (!finished)
            {
                File.Delete(path);
            }
        }
    }

    // Vectors do not compress and no two are equal: plain pages, and no dictionary is tried.
    static string Encoding(TableSchema schema) => schema.Columns.Any(c => c.Type == ColumnType.Vector)
        ? "COMPRESSION uncompressed, DICTIONARY_SIZE_LIMIT 1"
        : "COMPRESSION zstd, COMPRESSION_LEVEL 3";

    IEnumerable<ColumnBatch> Stream(string path, TableSchema columns, CancellationToken cancellationToken)
    {
        using var session = new DuckDbSession(options);
        var source = $"read_parquet({DuckDbSession.File(path)}, hive_partitioning = false)";
        using var reader = Guard(path, columns, () =>
        {
            TableFaults.Check(path, columns, session.Describe($"SELECT * FROM {source} LIMIT 0").Select(c => (c.Name, c.Type?.ToString() ?? "another type")));
            return new DuckDbReader(session, $"SELECT {string.Join(", ", columns.Columns.Select(c => DuckDbSession.Name(c.Name)))} FROM {source}");
        });
        var types = columns.Columns.Select(c => c.Type).ToList();
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (Guard(path, columns, () => reader.Next(types)) is not { } batch)
            {
                yield break;
            }

            yield return batch;
        }
    }

    static T Guard<T>(string path, TableSchema columns, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DuckDbException e)
        {
            throw TableFaults.Read(path, columns, e);
        }
    }

    static void Append(DuckDbSession session, TableSchema schema, IEnumerable<ColumnBatch> batches, LogicalHasher hasher, CancellationToken cancellationToken)
    {
        session.Execute($"CREATE TABLE rows ({string.Concat(schema.Columns.Select(c => $"{DuckDbSession.Name(c.Name)} {DuckDbVector.Sql(c.Type)}, "))}{Ordinal} BIGINT)");
        var types = schema.Columns.Select(c => c.Type).Append(ColumnType.Int64).Select(DuckDbVector.LogicalType).ToArray();
        nint chunk = 0, appender = 0;
        try
        {
            fixed (nint* first = types)
            {
                chunk = duckdb_create_data_chunk(first, (ulong)types.Length);
            }

            if (duckdb_appender_create(session.Connection, null, "rows", out appender) != 0)
            {
                throw AppenderFault(appender);
            }

            var size = (int)duckdb_vector_size();
            foreach (var batch in batches)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var ordinal = hasher.Rows;
                hasher.Add(batch);
                for (var at = 0; at < batch.Rows; at += size)
                {
                    var rows = Math.Min(size, batch.Rows - at);
                    duckdb_data_chunk_reset(chunk);
                    for (var c = 0; c < schema.Columns.Count; c++)
                    {
                        DuckDbVector.Write(duckdb_data_chunk_get_vector(chunk, (ulong)c), schema.Columns[c].Type, batch.Values[c], at, rows);
                    }

                    var ordinals = (long*)duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, (ulong)schema.Columns.Count));
                    for (var i = 0; i < rows; i++)
                    {
                        ordinals[i] = ordinal + at + i;
                    }

                    duckdb_data_chunk_set_size(chunk, (ulong)rows);
                    if (duckdb_append_data_chunk(appender, chunk) != 0)
                    {
                        throw AppenderFault(appender);
                    }
                }
            }

            if (duckdb_appender_close(appender) != 0)
            {
                throw AppenderFault(appender);
            }
        }
        finally
        {
            if (appender != 0)
            {
                _ = duckdb_appender_destroy(ref appender);
            }

            if (chunk != 0)
            {
                duckdb_destroy_data_chunk(ref chunk);
            }

            for (var i = 0; i < types.Length; i++)
            {
                duckdb_destroy_logical_type(ref types[i]);
            }
        }
    }

    static DuckDbException AppenderFault(nint appender) => new(Marshal.PtrToStringUTF8(duckdb_appender_error(appender)) ?? "rows could not be appended");
}
#endif
