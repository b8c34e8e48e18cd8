using Microsoft.Data.Sqlite;

namespace Workflow.Ledger;

/// <summary>The current row of a query; columns by position.</summary>
public readonly struct Row
{
    readonly SqliteDataReader reader;

    internal Row(SqliteDataReader reader) => this.reader = reader;

    /// <summary>Columns in the row.</summary>
    public int Columns => reader.FieldCount;

    /// <summary>Text; fails on NULL.</summary>
    public string Text(int column) => reader.GetString(column);

    /// <summary>Text or null.</summary>
    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>Integer; fails on NULL.</summary>
    public long Number(int column) => reader.GetInt64(column);

    /// <summary>Integer or null.</summary>
    public long? NumberOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>Real or null.</summary>
    public double? RealOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetDouble(column);

    /// <summary>Time from microseconds, or null.</summary>
    public DateTimeOffset? TimeOrNull(int column) => reader.IsDBNull(column) ? null : LedgerTime.FromMicros(reader.GetInt64(column));
}
