namespace DataPrep.Tables;

/// <summary>The cells of one row of a batch, by column position.</summary>
/// <param name="Schema">Columns of the batch.</param>
/// <param name="Batch">The batch.</param>
/// <param name="Row">Row within the batch.</param>
public readonly record struct RowCells(TableSchema Schema, ColumnBatch Batch, int Row)
{
    /// <summary>Text that may not be null.</summary>
    /// <exception cref="DataPrepException">It is null.</exception>
    public string String(int column) => Required(((string?[])Batch.Values[column])[Row], column);

    /// <summary>Text or null.</summary>
    public string? OptionalString(int column) => ((string?[])Batch.Values[column])[Row];

    /// <summary>32-bit integer.</summary>
    public int Int32(int column) => ((int[])Batch.Values[column])[Row];

    /// <summary>64-bit integer.</summary>
    public long Int64(int column) => ((long[])Batch.Values[column])[Row];

    /// <summary>Single precision.</summary>
    public float Float32(int column) => ((float[])Batch.Values[column])[Row];

    /// <summary>Double precision.</summary>
    public double Float64(int column) => ((double[])Batch.Values[column])[Row];

    /// <summary>List of 64-bit integers that may not be null.</summary>
    /// <exception cref="DataPrepException">It is null.</exception>
    public long[] Int64List(int column) => Required(((long[]?[])Batch.Values[column])[Row], column);

    /// <summary>List of single precision numbers that may not be null.</summary>
    /// <exception cref="DataPrepException">It is null.</exception>
    public float[] Float32List(int column) => Required(((float[]?[])Batch.Values[column])[Row], column);

    /// <summary>Numbers that are read together.</summary>
    public float[] Vector(int column) => ((float[][])Batch.Values[column])[Row];

    /// <summary>List of texts that may not be null.</summary>
    /// <exception cref="DataPrepException">It is null.</exception>
    public string[] StringList(int column) => Required(((string[]?[])Batch.Values[column])[Row], column);

    T Required<T>(T? value, int column)
        where T : class => value ?? throw new DataPrepException($"Column '{Schema.Columns[column].Name}' is null, expected a value in every row.");
}
