using Microsoft.Data.Sqlite;

namespace Workflow.Ledger;

/// <summary>One open connection with its prepared statements; parameters are positional: <c>?1</c>, <c>?2</c>. Used by one thread at a time.</summary>
public sealed class LedgerConnection : IDisposable
{
    readonly SqliteConnection connection;
    readonly Dictionary<string, SqliteCommand> prepared = new(StringComparer.Ordinal);

    internal LedgerConnection(string path, bool readOnly) => connection = SqliteLibrary.Open(path, readOnly);

    /// <summary>Runs a statement and returns the number of rows it changed.</summary>
    public int Execute(string sql, params ReadOnlySpan<object?> arguments) => Command(sql, arguments).ExecuteNonQuery();

    /// <summary>Runs several statements without parameters.</summary>
    public void Script(string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    /// <summary>Reads all rows.</summary>
    public List<T> Query<T>(string sql, Func<Row, T> map, params ReadOnlySpan<object?> arguments)
    {
        var rows = new List<T>();
        using var reader = Command(sql, arguments).ExecuteReader();
        while (reader.Read())
        {
            rows.Add(map(new Row(reader)));
        }

        return rows;
    }

    /// <summary>Reads the first row, or default where there is none.</summary>
    public T? First<T>(string sql, Func<Row, T> map, params ReadOnlySpan<object?> arguments)
    {
        using var reader = Command(sql, arguments).ExecuteReader();
        return reader.Read() ? map(new Row(reader)) : default;
    }

    /// <summary>First column of the first row as an integer; 0 where there is no row or it is NULL.</summary>
    public long Number(string sql, params ReadOnlySpan<object?> arguments) => Command(sql, arguments).ExecuteScalar() is long n ? n : 0;

    /// <summary>First column of the first row as text; null where there is no row or it is NULL.</summary>
    public string? Text(string sql, params ReadOnlySpan<object?> arguments) => Command(sql, arguments).ExecuteScalar() as string;

    SqliteCommand Command(string sql, ReadOnlySpan<object?> arguments)
    {
        if (!prepared.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            prepared.Add(sql, command);
        }

        command.Parameters.Clear();
        for (var i = 0; i < arguments.Length; i++)
        {
            command.Parameters.AddWithValue($"?{i + 1}", arguments[i] switch { null => DBNull.Value, bool b => b ? 1L : 0L, var other => other });
        }

        return command;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in prepared.Values)
        {
            command.Dispose();
        }

        connection.Dispose();
    }
}
