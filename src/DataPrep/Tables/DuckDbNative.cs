#if STACK_SYSTEM
using System.Runtime.InteropServices;

namespace DataPrep.Tables;

/// <summary>The part of DuckDB's C API (duckdb.h, 1.5) that tables need.</summary>
static unsafe partial class DuckDbNative
{
    const string Lib = "duckdb";

    static DuckDbNative()
    {
        nint handle = 0;
        var gate = new Lock();
        NativeLibrary.SetDllImportResolver(typeof(DuckDbNative).Assembly, (name, _, _) =>
        {
            if (name != Lib)
            {
                return 0;
            }

            lock (gate)
            {
                return handle != 0 ? handle : handle = DuckDbLibrary.Load();
            }
        });
    }

    /// <summary>duckdb_result; fetch_chunk takes it by value.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Result
    {
        ulong columnCount;
        ulong rowCount;
        ulong rowsChanged;
        nint columns;
        nint error;
        nint data;
    }

    /// <summary>duckdb_string_t: up to 12 bytes inline, else a pointer at offset 8.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 16)]
    internal struct Text
    {
        [FieldOffset(0)]
        internal uint Length;

        [FieldOffset(8)]
        internal byte* Pointer;
    }

    /// <summary>duckdb_list_entry.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct ListEntry
    {
        internal ulong Offset;
        internal ulong Length;
    }

    /// <summary>duckdb_type, the ones that tables use.</summary>
    internal enum TypeId
    {
        Integer = 4,
        BigInt = 5,
        Float = 10,
        Double = 11,
        Varchar = 17,
        Blob = 18,
        List = 24,
    }

    /// <summary>duckdb_statement_type: SELECT.</summary>
    internal const int SelectStatement = 1;

    [LibraryImport(Lib)]
    internal static partial int duckdb_create_config(out nint config);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_set_config(nint config, string name, string option);

    [LibraryImport(Lib)]
    internal static partial void duckdb_destroy_config(ref nint config);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_open_ext(string? path, out nint database, nint config, out nint error);

    [LibraryImport(Lib)]
    internal static partial void duckdb_close(ref nint database);

    [LibraryImport(Lib)]
    internal static partial int duckdb_connect(nint database, out nint connection);

    [LibraryImport(Lib)]
    internal static partial void duckdb_disconnect(ref nint connection);

    [LibraryImport(Lib)]
    internal static partial void duckdb_interrupt(nint connection);

    [LibraryImport(Lib)]
    internal static partial void duckdb_free(nint pointer);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_library_version();

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_query(nint connection, string sql, Result* result);

    [LibraryImport(Lib)]
    internal static partial void duckdb_destroy_result(Result* result);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_result_error(Result* result);

    [LibraryImport(Lib)]
    internal static partial ulong duckdb_column_count(Result* result);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_column_name(Result* result, ulong column);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_column_logical_type(Result* result, ulong column);

    [LibraryImport(Lib)]
    internal static partial int duckdb_get_type_id(nint type);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_list_type_child_type(nint type);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_create_logical_type(TypeId type);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_create_list_type(nint child);

    [LibraryImport(Lib)]
    internal static partial void duckdb_destroy_logical_type(ref nint type);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_prepare(nint connection, string sql, out nint statement);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_prepare_error(nint statement);

    [LibraryImport(Lib)]
    internal static partial int duckdb_prepared_statement_type(nint statement);

    [LibraryImport(Lib)]
    internal static partial void duckdb_destroy_prepare(ref nint statement);

    [LibraryImport(Lib)]
    internal static partial int duckdb_pending_prepared_streaming(nint statement, out nint pending);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_pending_error(nint pending);

    [LibraryImport(Lib)]
    internal static partial int duckdb_execute_pending(nint pending, Result* result);

    [LibraryImport(Lib)]
    internal static partial void duckdb_destroy_pending(ref nint pending);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_fetch_chunk(Result result);

    [LibraryImport(Lib)]
    internal static partial ulong duckdb_vector_size();

    [LibraryImport(Lib)]
    internal static partial nint duckdb_create_data_chunk(nint* types, ulong count);

    [LibraryImport(Lib)]
    internal static partial void duckdb_destroy_data_chunk(ref nint chunk);

    [LibraryImport(Lib)]
    internal static partial void duckdb_data_chunk_reset(nint chunk);

    [LibraryImport(Lib)]
    internal static partial ulong duckdb_data_chunk_get_size(nint chunk);

    [LibraryImport(Lib)]
    internal static partial void duckdb_data_chunk_set_size(nint chunk, ulong size);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_data_chunk_get_vector(nint chunk, ulong column);

    [LibraryImport(Lib)]
    internal static partial void* duckdb_vector_get_data(nint vector);

    [LibraryImport(Lib)]
    internal static partial ulong* duckdb_vector_get_validity(nint vector);

    [LibraryImport(Lib)]
    internal static partial void duckdb_vector_ensure_validity_writable(nint vector);

    [LibraryImport(Lib)]
    internal static partial void duckdb_vector_assign_string_element_len(nint vector, ulong row, byte* text, ulong length);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_list_vector_get_child(nint vector);

    [LibraryImport(Lib)]
    internal static partial ulong duckdb_list_vector_get_size(nint vector);

    [LibraryImport(Lib)]
    internal static partial int duckdb_list_vector_reserve(nint vector, ulong capacity);

    [LibraryImport(Lib)]
    internal static partial int duckdb_list_vector_set_size(nint vector, ulong size);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int duckdb_appender_create(nint connection, string? schema, string table, out nint appender);

    [LibraryImport(Lib)]
    internal static partial nint duckdb_appender_error(nint appender);

    [LibraryImport(Lib)]
    internal static partial int duckdb_append_data_chunk(nint appender, nint chunk);

    [LibraryImport(Lib)]
    internal static partial int duckdb_appender_close(nint appender);

    [LibraryImport(Lib)]
    internal static partial int duckdb_appender_destroy(ref nint appender);
}
#endif
