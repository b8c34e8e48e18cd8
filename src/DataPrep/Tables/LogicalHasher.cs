using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace DataPrep.Tables;

/// <summary>
/// SHA-256 of a table's content, the same for every writer: first a line "name:type" per column, then row by row each value as
/// 0 for null, else 1 and the value: numbers little-endian, strings as byte length (int32) and UTF-8, lists as length (int32) and their values.
/// </summary>
sealed class LogicalHasher : IDisposable
{
    const int Flush = 1 << 16;
    static readonly UTF8Encoding Strict = new(false, true);
    readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    readonly ArrayBufferWriter<byte> buffer = new(Flush * 2);
    readonly TableSchema schema;

    internal LogicalHasher(TableSchema schema)
    {
        this.schema = schema;
        foreach (var column in schema.Columns)
        {
            Bytes(Encoding.UTF8.GetBytes($"{column.Name}:{column.Type}\n"));
        }
    }

    /// <summary>Rows added so far.</summary>
    internal long Rows { get; private set; }

    /// <summary>Adds a batch, checked against the schema.</summary>
    /// <exception cref="DataPrepException">A text is not well-formed UTF-16, or a list holds a null.</exception>
    internal void Add(ColumnBatch batch)
    {
        Check(batch);
        for (var row = 0; row < batch.Rows; row++)
        {
            for (var c = 0; c < schema.Columns.Count; c++)
            {
                Add(schema.Columns[c], batch.Values[c], row);
            }

            if (buffer.WrittenCount >= Flush)
            {
                Drain();
            }

            Rows++;
        }
    }

    /// <summary>Lower-case hex of the hash.</summary>
    internal string Finish()
    {
        Drain();
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    public void Dispose() => hash.Dispose();

    void Check(ColumnBatch batch)
    {
        if (batch.Values.Count != schema.Columns.Count)
        {
            throw new ArgumentException($"A batch has {batch.Values.Count} columns, the schema {schema.Columns.Count}.", nameof(batch));
        }

        for (var c = 0; c < batch.Values.Count; c++)
        {
            var fits = schema.Columns[c].Type switch
            {
                ColumnType.String => batch.Values[c] is string?[],
                ColumnType.Int32 => batch.Values[c] is int[],
                ColumnType.Int64 => batch.Values[c] is long[],
                ColumnType.Float32 => batch.Values[c] is float[],
                ColumnType.Float64 => batch.Values[c] is double[],
                ColumnType.Int64List => batch.Values[c] is long[]?[],
                ColumnType.Float32List => batch.Values[c] is float[]?[],
                ColumnType.Vector => batch.Values[c] is float[][] vectors && Array.TrueForAll(vectors, v => v is not null),
                _ => batch.Values[c] is string[]?[],
            };
            if (!fits || batch.Values[c].Length != batch.Rows)
            {
                throw new ArgumentException($"Column '{schema.Columns[c].Name}' is {batch.Values[c].GetType().Name} of length {batch.Values[c].Length}, expected {schema.Columns[c].Type} of length {batch.Rows}.", nameof(batch));
            }
        }
    }

    void Add(Column column, Array values, int row)
    {
        switch (column.Type)
        {
            case ColumnType.String:
                var text = ((string?[])values)[row];
                Present(text is not null);
                if (text is not null)
                {
                    Text(column, text);
                }

                break;
            case ColumnType.Int32: Present(true); Int(((int[])values)[row]); break;
            case ColumnType.Int64: Present(true); Raw<long>(((long[])values).AsSpan(row, 1)); break;
            case ColumnType.Float32: Present(true); Raw<float>(((float[])values).AsSpan(row, 1)); break;
            case ColumnType.Float64: Present(true); Raw<double>(((double[])values).AsSpan(row, 1)); break;
            case ColumnType.Int64List: List(((long[]?[])values)[row], Raw<long>); break;
            case ColumnType.Float32List: List(((float[]?[])values)[row], Raw<float>); break;
            case ColumnType.Vector: List(((float[][])values)[row], Raw<float>); break;
            case ColumnType.StringList: List(((string[]?[])values)[row], list => { foreach (var item in list) { Text(column, item); } }); break;
            default: throw new ArgumentOutOfRangeException(nameof(column));
        }
    }

    void List<T>(T[]? list, Action<ReadOnlySpan<T>> add)
    {
        Present(list is not null);
        if (list is not null)
        {
            Int(list.Length);
            add(list);
        }
    }

    void Present(bool present)
    {
        buffer.GetSpan(1)[0] = present ? (byte)1 : (byte)0;
        buffer.Advance(1);
    }

    void Int(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(4), value);
        buffer.Advance(4);
    }

    void Raw<T>(ReadOnlySpan<T> values)
        where T : unmanaged => Bytes(MemoryMarshal.AsBytes(values)); // every platform of this project is little-endian

    void Text(Column column, string? text)
    {
        if (text is null)
        {
            throw new DataPrepException($"Column '{column.Name}', row {Rows}: a list holds a null, expected text.");
        }

        var span = buffer.GetSpan(4 + Encoding.UTF8.GetMaxByteCount(text.Length));
        try
        {
            var length = Strict.GetBytes(text, span[4..]);
            BinaryPrimitives.WriteInt32LittleEndian(span, length);
            buffer.Advance(4 + length);
        }
        catch (EncoderFallbackException e)
        {
            throw new DataPrepException($"Column '{column.Name}', row {Rows}: the text holds half of a surrogate pair at character {e.Index} and cannot be stored as UTF-8. Clean the text first.", e);
        }
    }

    void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(buffer.GetSpan(bytes.Length));
        buffer.Advance(bytes.Length);
    }

    void Drain()
    {
        hash.AppendData(buffer.WrittenSpan);
        buffer.ResetWrittenCount();
    }
}
