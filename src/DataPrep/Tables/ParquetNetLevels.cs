#if STACK_NUGET
using Parquet;
using Parquet.Schema;

namespace DataPrep.Tables;

/// <summary>A column chunk as Parquet.Net gives it: packed values and their levels.</summary>
sealed class ParquetNetLevels<T>
    where T : struct
{
    readonly DataField field;
    readonly int rows;
    readonly T[] values;
    readonly int[]? definition;
    readonly int[]? repetition;

    ParquetNetLevels(DataField field, int rows, int slots)
    {
        (this.field, this.rows) = (field, rows);
        values = new T[slots];
        definition = field.MaxDefinitionLevel > 0 ? new int[slots] : null;
        repetition = field.MaxRepetitionLevel > 0 ? new int[slots] : null;
    }

    internal static async Task<ParquetNetLevels<T>> ReadAsync(ParquetRowGroupReader group, DataField field, long most, CancellationToken cancellationToken)
    {
        var slots = group.GetMetadata(field)?.MetaData?.NumValues ?? throw new InvalidDataException($"column '{field.Name}' has no values");
        if (slots < 0 || slots > most || group.RowCount < 0 || group.RowCount > slots || (field.MaxRepetitionLevel == 0 && slots != group.RowCount))
        {
            throw new InvalidDataException($"column '{field.Name}' claims {slots} values in {group.RowCount} rows");
        }

        var levels = new ParquetNetLevels<T>(field, (int)group.RowCount, (int)slots);
        await group.ReadRawAsync<T>(field, levels.values, Memory(levels.definition), Memory(levels.repetition), cancellationToken).ConfigureAwait(false);
        return levels;

        // A null array would convert to an empty memory, which is not "no levels".
        static Memory<int>? Memory(int[]? array) => array is null ? default(Memory<int>?) : array.AsMemory();
    }

    /// <summary>A value per row.</summary>
    internal T[] Required() => definition is null || definition.All(d => d == field.MaxDefinitionLevel) ? values
        : throw new InvalidDataException("a number is null, expected a value in every row");

    /// <summary>A value or null per row.</summary>
    internal TItem?[] Optional<TItem>(Func<T, TItem> item)
        where TItem : class
    {
        var result = new TItem?[rows];
        for (int row = 0, next = 0; row < rows; row++)
        {
            result[row] = definition is null || definition[row] == field.MaxDefinitionLevel ? item(values[next++]) : null;
        }

        return result;
    }

    /// <summary>A list or null per row.</summary>
    internal TItem[]?[] Lists<TItem>(bool nullable, Func<T, TItem> item)
    {
        var (present, next, row) = (nullable ? 1 : 0, 0, -1); // the level at which the list is there, maybe empty
        var result = new TItem[]?[rows];
        var open = new List<TItem>();
        for (var slot = 0; slot < repetition!.Length; slot++)
        {
            if (repetition[slot] == 0)
            {
                Close();
                if (++row >= rows)
                {
                    throw new InvalidDataException($"column '{field.Path}' begins more rows than the {rows} it claims");
                }

                result[row] = definition![slot] < present ? null : [];
            }

            if (definition![slot] == field.MaxDefinitionLevel)
            {
                open.Add(item(values[next++]));
            }
            else if (definition[slot] > present)
            {
                throw new InvalidDataException("a list holds a null, expected none");
            }
        }

        Close();
        return row == rows - 1 ? result : throw new InvalidDataException($"column '{field.Path}' begins {row + 1} rows, claims {rows}");

        void Close()
        {
            if (open.Count > 0)
            {
                result[Math.Max(row, 0)] = [.. open];
                open.Clear();
            }
        }
    }
}
#endif
