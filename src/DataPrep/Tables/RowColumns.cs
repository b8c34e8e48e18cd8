namespace DataPrep.Tables;

/// <summary>How the fields of a row record become columns, in file order.</summary>
public sealed class RowColumns<T>
{
    readonly List<(Column Column, Func<IReadOnlyList<T>, Array> Pack)> columns = [];

    /// <summary>Names and types.</summary>
    public TableSchema Schema => new([.. columns.Select(c => c.Column)]);

    /// <summary>Text; null only where the field allows it.</summary>
    public RowColumns<T> String(string name, Func<T, string?> field) => Add(name, ColumnType.String, field);

    /// <summary>32-bit integer.</summary>
    public RowColumns<T> Int32(string name, Func<T, int> field) => Add(name, ColumnType.Int32, field);

    /// <summary>64-bit integer.</summary>
    public RowColumns<T> Int64(string name, Func<T, long> field) => Add(name, ColumnType.Int64, field);

    /// <summary>Single precision.</summary>
    public RowColumns<T> Float32(string name, Func<T, float> field) => Add(name, ColumnType.Float32, field);

    /// <summary>Double precision.</summary>
    public RowColumns<T> Float64(string name, Func<T, double> field) => Add(name, ColumnType.Float64, field);

    /// <summary>List of 64-bit integers.</summary>
    public RowColumns<T> Int64List(string name, Func<T, long[]> field) => Add(name, ColumnType.Int64List, field);

    /// <summary>List of single precision numbers.</summary>
    public RowColumns<T> Float32List(string name, Func<T, float[]> field) => Add(name, ColumnType.Float32List, field);

    /// <summary>Numbers that are read together.</summary>
    public RowColumns<T> Vector(string name, Func<T, float[]> field) => Add(name, ColumnType.Vector, field);

    /// <summary>List of texts.</summary>
    public RowColumns<T> StringList(string name, Func<T, string[]> field) => Add(name, ColumnType.StringList, field);

    /// <summary>Rows column by column.</summary>
    public ColumnBatch Pack(IReadOnlyList<T> rows) => new(rows.Count, [.. columns.Select(c => c.Pack(rows))]);

    RowColumns<T> Add<TField>(string name, ColumnType type, Func<T, TField> field)
    {
        columns.Add((new Column(name, type), rows =>
        {
            var values = new TField[rows.Count];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = field(rows[i]);
            }

            return values;
        }
        ));
        return this;
    }
}
