#if STACK_SYSTEM
using System.Runtime.InteropServices;
using System.Text;
using static DataPrep.Tables.DuckDbNative;

namespace DataPrep.Tables;

/// <summary>Copies between DuckDB's vectors and CLR arrays.</summary>
static unsafe class DuckDbVector
{
    static readonly UTF8Encoding Strict = new(false, true);

    /// <summary>SQL type of a column.</summary>
    internal static string Sql(ColumnType type) => type switch
    {
        ColumnType.String => "VARCHAR",
        ColumnType.Int32 => "INTEGER",
        ColumnType.Int64 => "BIGINT",
        ColumnType.Float32 => "FLOAT",
        ColumnType.Float64 => "DOUBLE",
        ColumnType.Int64List => "BIGINT[]",
        ColumnType.Float32List => "FLOAT[]",
        ColumnType.StringList => "VARCHAR[]",
        ColumnType.Vector => "BLOB",
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The logical type of a column; the caller destroys it.</summary>
    internal static nint LogicalType(ColumnType type)
    {
        switch (type)
        {
            case ColumnType.String: return duckdb_create_logical_type(TypeId.Varchar);
            case ColumnType.Int32: return duckdb_create_logical_type(TypeId.Integer);
            case ColumnType.Int64: return duckdb_create_logical_type(TypeId.BigInt);
            case ColumnType.Float32: return duckdb_create_logical_type(TypeId.Float);
            case ColumnType.Float64: return duckdb_create_logical_type(TypeId.Double);
            case ColumnType.Vector: return duckdb_create_logical_type(TypeId.Blob);
            default:
                var child = LogicalType(Element(type));
                var list = duckdb_create_list_type(child);
                duckdb_destroy_logical_type(ref child);
                return list;
        }
    }

    /// <summary>The column type of a logical type, or null where tables have none.</summary>
    internal static ColumnType? TypeOf(nint type)
    {
        switch ((TypeId)duckdb_get_type_id(type))
        {
            case TypeId.Varchar: return ColumnType.String;
            case TypeId.Integer: return ColumnType.Int32;
            case TypeId.BigInt: return ColumnType.Int64;
            case TypeId.Float: return ColumnType.Float32;
            case TypeId.Double: return ColumnType.Float64;
            case TypeId.Blob: return ColumnType.Vector;
            case TypeId.List:
                var child = duckdb_list_type_child_type(type);
                var element = TypeOf(child);
                duckdb_destroy_logical_type(ref child);
                return element switch
                {
                    ColumnType.Int64 => ColumnType.Int64List,
                    ColumnType.Float32 => ColumnType.Float32List,
                    ColumnType.String => ColumnType.StringList,
                    _ => null,
                };
            default: return null;
        }
    }

    /// <summary>Copies a vector's first <paramref name="rows"/> values.</summary>
    internal static Array Read(nint vector, ColumnType type, int rows)
    {
        var validity = duckdb_vector_get_validity(vector);
        switch (type)
        {
            case ColumnType.String: return Strings(vector, 0, rows);
            case ColumnType.Int32: return Numbers<int>(vector, validity, rows);
            case ColumnType.Int64: return Numbers<long>(vector, validity, rows);
            case ColumnType.Float32: return Numbers<float>(vector, validity, rows);
            case ColumnType.Float64: return Numbers<double>(vector, validity, rows);
            case ColumnType.Vector: return Vectors(vector, validity, rows);
            case ColumnType.Int64List: return Lists(vector, validity, rows, ChildNumbers<long>);
            case ColumnType.Float32List: return Lists(vector, validity, rows, ChildNumbers<float>);
            case ColumnType.StringList:
                return Lists(vector, validity, rows, (child, offset, length) => Strings(child, offset, length).Select(s => s ?? throw new DuckDbException("a list holds a null, expected none")).ToArray());
            default: throw new ArgumentOutOfRangeException(nameof(type));
        }
    }

    /// <summary>Copies values [offset, offset + rows) of a column into a vector that was reset.</summary>
    internal static void Write(nint vector, ColumnType type, Array column, int offset, int rows)
    {
        switch (type)
        {
            case ColumnType.String: WriteStrings(vector, ((string?[])column).AsSpan(offset, rows), 0); break;
            case ColumnType.Int32: WriteNumbers<int>(vector, (int[])column, offset, rows); break;
            case ColumnType.Int64: WriteNumbers<long>(vector, (long[])column, offset, rows); break;
            case ColumnType.Float32: WriteNumbers<float>(vector, (float[])column, offset, rows); break;
            case ColumnType.Float64: WriteNumbers<double>(vector, (double[])column, offset, rows); break;
            case ColumnType.Vector: WriteVectors(vector, ((float[][])column).AsSpan(offset, rows)); break;
            case ColumnType.Int64List: WriteLists(vector, (long[]?[])column, offset, rows, static (child, at, list) => list.CopyTo(new Span<long>((long*)duckdb_vector_get_data(child) + at, list.Length))); break;
            case ColumnType.Float32List: WriteLists(vector, (float[]?[])column, offset, rows, static (child, at, list) => list.CopyTo(new Span<float>((float*)duckdb_vector_get_data(child) + at, list.Length))); break;
            case ColumnType.StringList: WriteLists(vector, (string[]?[])column, offset, rows, static (child, at, list) => WriteStrings(child, list, at)); break;
            default: throw new ArgumentOutOfRangeException(nameof(type));
        }
    }

    static ColumnType Element(ColumnType type) => type switch
    {
        ColumnType.Int64List => ColumnType.Int64,
        ColumnType.Float32List => ColumnType.Float32,
        ColumnType.StringList => ColumnType.String,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    static bool Valid(ulong* validity, int row) => validity is null || (validity[row >> 6] >> (row & 63) & 1) != 0;

    static string?[] Strings(nint vector, int offset, int rows)
    {
        var validity = duckdb_vector_get_validity(vector);
        var data = (DuckDbNative.Text*)duckdb_vector_get_data(vector) + offset;
        var values = new string?[rows];
        for (var i = 0; i < rows; i++)
        {
            if (Valid(validity, offset + i))
            {
                var bytes = data[i].Length <= 12 ? (byte*)(data + i) + 4 : data[i].Pointer;
                values[i] = Encoding.UTF8.GetString(bytes, checked((int)data[i].Length));
            }
        }

        return values;
    }

    static float[][] Vectors(nint vector, ulong* validity, int rows)
    {
        var data = (DuckDbNative.Text*)duckdb_vector_get_data(vector);
        var values = new float[rows][];
        for (var i = 0; i < rows; i++)
        {
            if (!Valid(validity, i) || data[i].Length % sizeof(float) != 0)
            {
                throw new DuckDbException("a vector is null or has a part of a number, expected 4 bytes per number");
            }

            var bytes = data[i].Length <= 12 ? (byte*)(data + i) + 4 : data[i].Pointer;
            values[i] = MemoryMarshal.Cast<byte, float>(new ReadOnlySpan<byte>(bytes, checked((int)data[i].Length))).ToArray();
        }

        return values;
    }

    static T[] Numbers<T>(nint vector, ulong* validity, int rows)
        where T : unmanaged
    {
        for (var i = 0; i < rows; i++)
        {
            if (!Valid(validity, i))
            {
                throw new DuckDbException("a number is null, expected a value in every row");
            }
        }

        return new ReadOnlySpan<T>(duckdb_vector_get_data(vector), rows).ToArray();
    }

    static T[] ChildNumbers<T>(nint child, int offset, int length)
        where T : unmanaged
    {
        var validity = duckdb_vector_get_validity(child);
        for (var i = 0; validity is not null && i < length; i++)
        {
            if (!Valid(validity, offset + i))
            {
                throw new DuckDbException("a list holds a null, expected none");
            }
        }

        return new ReadOnlySpan<T>((T*)duckdb_vector_get_data(child) + offset, length).ToArray();
    }

    static T[]?[] Lists<T>(nint vector, ulong* validity, int rows, Func<nint, int, int, T[]> slice)
    {
        var entries = (ListEntry*)duckdb_vector_get_data(vector);
        var child = duckdb_list_vector_get_child(vector);
        var size = duckdb_list_vector_get_size(vector);
        var values = new T[]?[rows];
        for (var i = 0; i < rows; i++)
        {
            if (!Valid(validity, i))
            {
                continue;
            }

            if (entries[i].Offset > size || entries[i].Length > size - entries[i].Offset)
            {
                throw new DuckDbException("a list points outside its values");
            }

            values[i] = entries[i].Length == 0 ? [] : slice(child, checked((int)entries[i].Offset), checked((int)entries[i].Length));
        }

        return values;
    }

    static void WriteNumbers<T>(nint vector, T[] values, int offset, int rows)
        where T : unmanaged => values.AsSpan(offset, rows).CopyTo(new Span<T>(duckdb_vector_get_data(vector), rows));

    static void WriteStrings(nint vector, ReadOnlySpan<string?> values, int at)
    {
        var buffer = new byte[256];
        for (var i = 0; i < values.Length; i++)
        {
            if (values[i] is not { } text)
            {
                SetNull(vector, at + i);
                continue;
            }

            var needed = Encoding.UTF8.GetMaxByteCount(text.Length);
            if (buffer.Length < needed)
            {
                buffer = new byte[needed];
            }

            var length = Strict.GetBytes(text, buffer);
            fixed (byte* bytes = buffer)
            {
                duckdb_vector_assign_string_element_len(vector, (ulong)(at + i), bytes, (ulong)length);
            }
        }
    }

    static void WriteVectors(nint vector, ReadOnlySpan<float[]> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            fixed (float* first = values[i])
            {
                duckdb_vector_assign_string_element_len(vector, (ulong)i, (byte*)first, (ulong)values[i].Length * sizeof(float));
            }
        }
    }

    static void WriteLists<T>(nint vector, T[]?[] values, int offset, int rows, Action<nint, int, T[]> put)
    {
        var total = 0;
        for (var i = 0; i < rows; i++)
        {
            total = checked(total + (values[offset + i]?.Length ?? 0));
        }

        if (duckdb_list_vector_reserve(vector, (ulong)total) != 0 || duckdb_list_vector_set_size(vector, (ulong)total) != 0)
        {
            throw new DuckDbException($"no room for {total} list values");
        }

        var entries = (ListEntry*)duckdb_vector_get_data(vector);
        var child = duckdb_list_vector_get_child(vector);
        var at = 0;
        for (var i = 0; i < rows; i++)
        {
            var list = values[offset + i];
            entries[i] = new ListEntry { Offset = (ulong)at, Length = (ulong)(list?.Length ?? 0) };
            if (list is null)
            {
                SetNull(vector, i);
            }
            else
            {
                put(child, at, list);
                at += list.Length;
            }
        }
    }

    static void SetNull(nint vector, int row)
    {
        duckdb_vector_ensure_validity_writable(vector);
        duckdb_vector_get_validity(vector)[row >> 6] &= ~(1UL << (row & 63));
    }
}
#endif
