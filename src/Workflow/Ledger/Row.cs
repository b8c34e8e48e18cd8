using SQLitePCL;

namespace Workflow.Ledger;

/// <summary>The current row of a query; columns by position. Valid only inside the call it is given to.</summary>
public readonly struct Row
{
    readonly sqlite3_stmt statement;

    internal Row(sqlite3_stmt statement) => this.statement = statement;

    /// <summary>Columns in the row.</summary>
    public int Columns => raw.sqlite3_column_count(statement);

    /// <summary>Text; fails on NULL.</summary>
    public string Text(int column) => TextOrNull(column) ?? throw Null(column);

    /// <summary>Text or null.</summary>
    public string? TextOrNull(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string();

    /// <summary>Integer; fails on NULL.</summary>
    public long Number(int column) => IsNull(column) ? throw Null(column) : raw.sqlite3_column_int64(statement, column);

    /// <summary>Integer or null.</summary>
    public long? NumberOrNull(int column) => IsNull(column) ? null : raw.sqlite3_column_int64(statement, column);

    /// <summary>Real or null.</summary>
    public double? RealOrNull(int column) => IsNull(column) ? null : raw.sqlite3_column_double(statement, column);

    /// <summary>Time from microseconds, or null.</summary>
    public DateTimeOffset? TimeOrNull(int column) => NumberOrNull(column) is { } micros ? LedgerTime.FromMicros(micros) : null;

    bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;

    static InvalidOperationException Null(int column) => new($"Column {column} of the row is NULL.");
}
