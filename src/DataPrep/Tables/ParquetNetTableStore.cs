#if STACK_NUGET
using System.IO.Compression;
using Parquet;
using Parquet.Schema;

namespace DataPrep.Tables;

/// <summary>
/// Parquet through Parquet.Net: zstd, row groups of 20,480 rows. Bytes depend on the package's version, which Directory.Packages.props pins; the logical hash does not.
/// </summary>
public sealed class ParquetNetTableStore : ITableStore
{
    /// <summary>Rows of a row group.</summary>
    public const int RowGroup = 20480;

    /// <inheritdoc/>
    public IEnumerable<ColumnBatch> Read(string path, TableSchema columns, CancellationToken cancellationToken = default)
    {
        if (!File.Exists(path))
        {
            throw new DataPrepException($"Table '{path}' does not exist. Expected a Parquet file with {TableFaults.Columns(columns)}.");
        }

        return Groups(path, columns, cancellationToken);
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
            using var hasher = new LogicalHasher(schema);
            using (var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite))
            {
                WriteAsync(file, schema, batches, hasher, cancellationToken).GetAwaiter().GetResult();
                file.Flush(flushToDisk: true);
            }

            finished = true;
            return new TableFile(Path.GetFileName(path), hasher.Rows, hasher.Finish());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ParquetException)
        {
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

    static async Task WriteAsync(Stream file, TableSchema schema, IEnumerable<ColumnBatch> batches, LogicalHasher hasher, CancellationToken cancellationToken)
    {
        var fields = new ParquetSchema(schema.Columns.Select(ParquetNetColumn.Field));
        var options = new ParquetOptions { CompressionMethod = CompressionMethod.Zstd, CompressionLevel = CompressionLevel.Optimal };
        await using var writer = await ParquetWriter.CreateAsync(fields, file, options, cancellationToken: cancellationToken).ConfigureAwait(false);
        foreach (var batch in ParquetNetColumn.Regroup(schema, Hashed(), RowGroup))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var group = writer.CreateRowGroup();
            for (var c = 0; c < schema.Columns.Count; c++)
            {
                await ParquetNetColumn.WriteAsync(group, fields[c], schema.Columns[c].Type, batch.Values[c], cancellationToken).ConfigureAwait(false);
            }

            group.CompleteValidate();
        }

        IEnumerable<ColumnBatch> Hashed()
        {
            foreach (var batch in batches)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hasher.Add(batch);
                yield return batch;
            }
        }
    }

    static IEnumerable<ColumnBatch> Groups(string path, TableSchema columns, CancellationToken cancellationToken)
    {
        using var file = Guard(path, columns, () => new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read));
        var (reader, fields) = Guard(path, columns, () =>
        {
            var open = ParquetReader.CreateAsync(file, cancellationToken: cancellationToken).GetAwaiter().GetResult();
            TableFaults.Check(path, Stored(columns), open.Schema.Fields.Select(f => (f.Name, ParquetNetColumn.TypeOf(f)?.ToString() ?? "another type")));
            return (open, columns.Columns.Select(c => open.Schema.Fields.First(f => f.Name == c.Name)).ToList());
        });
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var group = reader.OpenRowGroupReader(g);
            var batch = Guard(path, columns, () =>
            {
                var values = new Array[fields.Count];
                for (var c = 0; c < values.Length; c++)
                {
                    values[c] = ParquetNetColumn.ReadAsync(group, fields[c], columns.Columns[c], cancellationToken).GetAwaiter().GetResult();
                }

                return new ColumnBatch(checked((int)group.RowCount), values);
            });
            if (batch.Rows > 0)
            {
                yield return batch;
            }
        }
    }

    // Vectors are lists here.
    static TableSchema Stored(TableSchema columns) => new([.. columns.Columns.Select(c => c.Type == ColumnType.Vector ? c with { Type = ColumnType.Float32List } : c)]);

    // A damaged or hostile file shows in any exception of the decoder: index, overflow, format, stream.
    static T Guard<T>(string path, TableSchema columns, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is not DataPrepException and not OperationCanceledException)
        {
            throw TableFaults.Read(path, columns, e);
        }
    }
}
#endif
