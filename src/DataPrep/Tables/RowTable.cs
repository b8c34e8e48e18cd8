namespace DataPrep.Tables;

/// <summary>Maps row records to the columns of a table file and back.</summary>
/// <param name="name">What the rows are, plural, for messages: "documents".</param>
/// <param name="columns">Columns in file order; names are the record's fields in snake_case.</param>
/// <param name="unpack">Makes a record of a row's cells, in column order.</param>
public sealed class RowTable<T>(string name, RowColumns<T> columns, Func<RowCells, T> unpack)
{
    /// <summary>Rows packed into one batch.</summary>
    const int BatchRows = 2048;

    /// <summary>What the rows are.</summary>
    public string Name { get; } = name;

    /// <summary>Names and types.</summary>
    public TableSchema Schema { get; } = columns.Schema;

    /// <summary>Reads files one after the other, in file order.</summary>
    /// <exception cref="DataPrepException">A file is missing, damaged, or holds other columns.</exception>
    public IEnumerable<T> Read(ITableStore store, IEnumerable<string> paths, CancellationToken cancellationToken = default)
    {
        foreach (var path in paths)
        {
            foreach (var row in Read(store, path, cancellationToken))
            {
                yield return row;
            }
        }
    }

    /// <summary>Reads one file.</summary>
    /// <exception cref="DataPrepException">The file is missing, damaged, or holds other columns.</exception>
    public IEnumerable<T> Read(ITableStore store, string path, CancellationToken cancellationToken = default)
    {
        var at = 0L;
        foreach (var batch in store.Read(path, Schema, cancellationToken))
        {
            for (var row = 0; row < batch.Rows; row++, at++)
            {
                yield return Unpack(path, at, new RowCells(Schema, batch, row));
            }
        }
    }

    /// <summary>Writes rows in the order given.</summary>
    public TableFile Write(ITableStore store, string path, IEnumerable<T> rows, CancellationToken cancellationToken = default) =>
        store.Write(path, Schema, Pack(rows), cancellationToken);

    /// <summary>Writes rows into files of a fixed number of rows: part-00000.parquet on, at least one.</summary>
    public IReadOnlyList<TableFile> WriteParts(ITableStore store, string folder, IEnumerable<T> rows, int rowsPerFile = 100_000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rowsPerFile, 1);
        var files = new List<TableFile>();
        using var source = rows.GetEnumerator();
        var more = source.MoveNext();
        do
        {
            files.Add(Write(store, Path.Combine(folder, $"part-{files.Count:d5}.parquet"), Part(), cancellationToken));
        }
        while (more);
        return files;

        IEnumerable<T> Part()
        {
            for (var i = 0; more && i < rowsPerFile; i++)
            {
                yield return source.Current;
                more = source.MoveNext();
            }
        }
    }

    /// <summary>Rows as batches.</summary>
    public IEnumerable<ColumnBatch> Pack(IEnumerable<T> rows)
    {
        foreach (var chunk in rows.Chunk(BatchRows))
        {
            yield return columns.Pack(chunk);
        }
    }

    T Unpack(string path, long row, RowCells cells)
    {
        try
        {
            return unpack(cells);
        }
        catch (DataPrepException e)
        {
            throw new DataPrepException($"Table '{path}' ({Name}), row {row}: {e.Message}", e);
        }
    }
}
