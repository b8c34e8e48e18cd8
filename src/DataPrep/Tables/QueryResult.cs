#if STACK_SYSTEM
namespace DataPrep.Tables;

/// <summary>A running query: its columns, and its rows to be read once. Dispose it.</summary>
public sealed class QueryResult : IDisposable
{
    readonly DuckDbSession session;
    readonly DuckDbReader reader;
    readonly CancellationTokenRegistration interrupt;
    readonly Func<DuckDbException, DataPrepException> fault;

    internal QueryResult(IReadOnlyList<string> columns, DuckDbSession session, DuckDbReader reader, CancellationTokenRegistration interrupt, Func<DuckDbException, DataPrepException> fault)
    {
        (Columns, this.session, this.reader, this.interrupt, this.fault) = (columns, session, reader, interrupt, fault);
    }

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>Rows as DuckDB prints their values; null for NULL. Read once.</summary>
    /// <exception cref="DataPrepException">The statement fails on the way.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public IEnumerable<string?[]> Rows()
    {
        var types = Columns.Select(_ => ColumnType.String).ToList();
        while (Next(types) is { } batch)
        {
            for (var row = 0; row < batch.Rows; row++)
            {
                yield return [.. batch.Values.Select(v => ((string?[])v)[row])];
            }
        }
    }

    /// <summary>Ends the query.</summary>
    public void Dispose()
    {
        interrupt.Dispose();
        reader.Dispose();
        session.Dispose();
    }

    ColumnBatch? Next(IReadOnlyList<ColumnType> types)
    {
        try
        {
            return reader.Next(types);
        }
        catch (DuckDbException e)
        {
            interrupt.Token.ThrowIfCancellationRequested();
            throw fault(e);
        }
    }
}
#endif
