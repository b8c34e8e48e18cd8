namespace DataPrep.Tables;

/// <summary>Type of a column. Every column may hold nulls only where its CLR element type can.</summary>
public enum ColumnType
{
    /// <summary>string?[]</summary>
    String,

    /// <summary>int[]</summary>
    Int32,

    /// <summary>long[]</summary>
    Int64,

    /// <summary>float[]</summary>
    Float32,

    /// <summary>double[]</summary>
    Float64,

    /// <summary>long[]?[]</summary>
    Int64List,

    /// <summary>float[]?[]</summary>
    Float32List,

    /// <summary>string[]?[]</summary>
    StringList,

    /// <summary>
    /// float[][], none null: numbers that are read together. DuckDB's adapter stores each as one plain value of 4 bytes per number, little-endian, which it writes and reads
    /// several times as fast as a list with its levels.
    /// </summary>
    Vector,
}

/// <summary>A named, typed column.</summary>
public sealed record Column(string Name, ColumnType Type);

/// <summary>Columns of a table in file order.</summary>
public sealed record TableSchema(IReadOnlyList<Column> Columns);

/// <summary>Some rows of a table, column by column; <see cref="Values"/>[c] is the array that <see cref="ColumnType"/> names, of length <see cref="Rows"/>.</summary>
public sealed record ColumnBatch(int Rows, IReadOnlyList<Array> Values);

/// <summary>A written table file.</summary>
/// <param name="Name">File name without folder.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="LogicalHash">Lower-case hex SHA-256 of the schema and the canonical rows in order: equal for equal data whatever the writer, codec or library version.</param>
public sealed record TableFile(string Name, long Rows, string LogicalHash);

/// <summary>The table port: Parquet files in and out, in batches of columns. Adapters: DuckDB (Stack=system), Parquet.Net (Stack=nuget).</summary>
public interface ITableStore
{
    /// <summary>Reads a Parquet file, in file order.</summary>
    /// <param name="path">The file.</param>
    /// <param name="columns">Columns expected, by name and type; a missing or differing one is a <see cref="DataPrepException"/> that names file, found and expected.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    IEnumerable<ColumnBatch> Read(string path, TableSchema columns, CancellationToken cancellationToken = default);

    /// <summary>Writes a Parquet file (zstd, fixed row groups) whose bytes depend on the schema, the rows and the pinned writer alone; flushed to disk when it returns.</summary>
    TableFile Write(string path, TableSchema schema, IEnumerable<ColumnBatch> batches, CancellationToken cancellationToken = default);
}
