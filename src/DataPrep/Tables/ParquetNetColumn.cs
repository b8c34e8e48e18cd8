#if STACK_NUGET
using Parquet;
using Parquet.Schema;

namespace DataPrep.Tables;

/// <summary>Between column arrays and Parquet.Net's values with definition and repetition levels (Dremel: a level says how much of an optional, repeated path is there).</summary>
static class ParquetNetColumn
{
    /// <summary>Most values of one column chunk: a file that claims more is not ours.</summary>
    const long MostValues = 1 << 28;

    internal static Field Field(Column column) => column.Type switch
    {
        ColumnType.String => new DataField(column.Name, typeof(string), isNullable: true),
        ColumnType.Int32 => new DataField(column.Name, typeof(int), isNullable: false),
        ColumnType.Int64 => new DataField(column.Name, typeof(long), isNullable: false),
        ColumnType.Float32 => new DataField(column.Name, typeof(float), isNullable: false),
        ColumnType.Float64 => new DataField(column.Name, typeof(double), isNullable: false),
        ColumnType.Int64List => new ListField(column.Name, new DataField(ListField.ElementName, typeof(long), isNullable: false)),
        ColumnType.Float32List or ColumnType.Vector => new ListField(column.Name, new DataField(ListField.ElementName, typeof(float), isNullable: false)),
        ColumnType.StringList => new ListField(column.Name, new DataField(ListField.ElementName, typeof(string), isNullable: true)),
        _ => throw new ArgumentOutOfRangeException(nameof(column)),
    };

    internal static ColumnType? TypeOf(Field field) => field switch
    {
        ListField { Item: DataField { IsArray: false } item } => Scalar(item) switch
        {
            ColumnType.Int64 => ColumnType.Int64List,
            ColumnType.Float32 => ColumnType.Float32List,
            ColumnType.String => ColumnType.StringList,
            _ => null,
        },
        DataField { IsArray: false } data => Scalar(data),
        _ => null,
    };

    internal static Task WriteAsync(ParquetRowGroupWriter group, Field field, ColumnType type, Array values, CancellationToken cancellationToken) => type switch
    {
        ColumnType.String => group.WriteAsync((DataField)field, (string?[])values),
        ColumnType.Int32 => group.WriteAsync<int>((DataField)field, new ReadOnlyMemory<int>((int[])values), cancellationToken: cancellationToken),
        ColumnType.Int64 => group.WriteAsync<long>((DataField)field, new ReadOnlyMemory<long>((long[])values), cancellationToken: cancellationToken),
        ColumnType.Float32 => group.WriteAsync<float>((DataField)field, new ReadOnlyMemory<float>((float[])values), cancellationToken: cancellationToken),
        ColumnType.Float64 => group.WriteAsync<double>((DataField)field, new ReadOnlyMemory<double>((double[])values), cancellationToken: cancellationToken),
        ColumnType.Int64List => WriteListsAsync(group, (ListField)field, (long[]?[])values, v => v, cancellationToken),
        ColumnType.Float32List or ColumnType.Vector => WriteListsAsync(group, (ListField)field, (float[]?[])values, v => v, cancellationToken),
        ColumnType.StringList => WriteListsAsync(group, (ListField)field, (string[]?[])values, v => v.AsMemory(), cancellationToken),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    internal static async Task<Array> ReadAsync(ParquetRowGroupReader group, Field field, Column column, CancellationToken cancellationToken)
    {
        var data = field is ListField list ? (DataField)list.Item : (DataField)field;
        return column.Type switch
        {
            ColumnType.String => await StringsAsync().ConfigureAwait(false),
            ColumnType.Int32 => await NumbersAsync<int>().ConfigureAwait(false),
            ColumnType.Int64 => await NumbersAsync<long>().ConfigureAwait(false),
            ColumnType.Float32 => await NumbersAsync<float>().ConfigureAwait(false),
            ColumnType.Float64 => await NumbersAsync<double>().ConfigureAwait(false),
            ColumnType.Int64List => (await RawAsync<long>().ConfigureAwait(false)).Lists(field.IsNullable, v => v),
            ColumnType.Float32List or ColumnType.Vector => (await RawAsync<float>().ConfigureAwait(false)).Lists(field.IsNullable, v => v),
            ColumnType.StringList => (await RawAsync<ReadOnlyMemory<char>>().ConfigureAwait(false)).Lists(field.IsNullable, v => v.ToString()),
            _ => throw new ArgumentOutOfRangeException(nameof(column)),
        };

        Task<ParquetNetLevels<T>> RawAsync<T>()
            where T : struct => ParquetNetLevels<T>.ReadAsync(group, data, MostValues, cancellationToken);

        async Task<Array> StringsAsync() => (await RawAsync<ReadOnlyMemory<char>>().ConfigureAwait(false)).Optional(v => v.ToString());

        async Task<Array> NumbersAsync<T>()
            where T : struct => (await RawAsync<T>().ConfigureAwait(false)).Required();
    }

    /// <summary>Batches of the same rows, each of <paramref name="size"/> rows but the last.</summary>
    internal static IEnumerable<ColumnBatch> Regroup(TableSchema schema, IEnumerable<ColumnBatch> batches, int size)
    {
        var open = Fresh();
        var filled = 0;
        foreach (var batch in batches)
        {
            for (var at = 0; at < batch.Rows;)
            {
                var take = Math.Min(size - filled, batch.Rows - at);
                for (var c = 0; c < open.Length; c++)
                {
                    Array.Copy(batch.Values[c], at, open[c], filled, take);
                }

                at += take;
                filled += take;
                if (filled == size)
                {
                    yield return new ColumnBatch(size, open);
                    (open, filled) = (Fresh(), 0);
                }
            }
        }

        if (filled > 0)
        {
            yield return new ColumnBatch(filled, [.. open.Select(o => Cut(o, filled))]);
        }

        Array[] Fresh() => [.. schema.Columns.Select(c => Empty(c.Type, size))];

        static Array Cut(Array values, int rows)
        {
            var cut = Array.CreateInstance(values.GetType().GetElementType()!, rows);
            Array.Copy(values, cut, rows);
            return cut;
        }
    }

    static ColumnType? Scalar(DataField field) =>
        field.ClrType == typeof(ReadOnlyMemory<char>) ? ColumnType.String
        : field.ClrType == typeof(int) ? ColumnType.Int32
        : field.ClrType == typeof(long) ? ColumnType.Int64
        : field.ClrType == typeof(float) ? ColumnType.Float32
        : field.ClrType == typeof(double) ? ColumnType.Float64
        : null;

    static Array Empty(ColumnType type, int rows) => type switch
    {
        ColumnType.String => new string?[rows],
        ColumnType.Int32 => new int[rows],
        ColumnType.Int64 => new long[rows],
        ColumnType.Float32 => new float[rows],
        ColumnType.Float64 => new double[rows],
        ColumnType.Int64List => new long[]?[rows],
        ColumnType.Float32List or ColumnType.Vector => new float[]?[rows],
        _ => new string[]?[rows],
    };

    // Levels of an optional list: 0 null, 1 empty, highest a value; repetition 0 begins a row.
    static Task WriteListsAsync<TItem, T>(ParquetRowGroupWriter group, ListField field, TItem[]?[] rows, Func<TItem, T> value, CancellationToken cancellationToken)
        where T : struct
    {
        var item = (DataField)field.Item;
        var (values, definition, repetition) = (new List<T>(), new List<int>(), new List<int>());
        foreach (var row in rows)
        {
            if (row is not { Length: > 0 })
            {
                definition.Add(row is null ? 0 : 1);
                repetition.Add(0);
                continue;
            }

            for (var i = 0; i < row.Length; i++)
            {
                values.Add(value(row[i]));
                definition.Add(item.MaxDefinitionLevel);
                repetition.Add(i == 0 ? 0 : 1);
            }
        }

        return group.WriteAllPartsAsync<T>(item, values.ToArray(), definition.ToArray().AsMemory(), repetition.ToArray().AsMemory(), cancellationToken);
    }
}
#endif
