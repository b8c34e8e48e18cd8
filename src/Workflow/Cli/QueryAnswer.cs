namespace Workflow.Cli;

/// <summary>Answers one SELECT over views of Parquet files.</summary>
/// <param name="sql">The statement.</param>
/// <param name="views">Files by view.</param>
/// <param name="cancellationToken">Interrupts it.</param>
delegate QueryAnswer TableQuery(string sql, IReadOnlyDictionary<string, IReadOnlyList<string>> views, CancellationToken cancellationToken);

/// <summary>Columns of a running query and its rows, to be read once; values as text, null for NULL.</summary>
sealed record QueryAnswer(IReadOnlyList<string> Columns, IEnumerable<IReadOnlyList<string?>> Rows, IDisposable Owner) : IDisposable
{
    public void Dispose() => Owner.Dispose();
}
