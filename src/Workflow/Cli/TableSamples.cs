using Workflow.Artifacts;
using Workflow.Dashboard;
using Workflow.Lineage;

namespace Workflow.Cli;

/// <summary>Rows and columns of Parquet files, for the dashboard. Few read at a time, so that many readers do not take the machine from the stages that run.</summary>
sealed class TableSamples(CliContext context) : IArtifactSamples
{
    const int AtATime = 2;
    static readonly SemaphoreSlim Free = new(AtATime, AtATime);

    public Task<SampleRows?> ReadAsync(string kind, ManifestMember member, string path, int limit, CancellationToken cancellationToken) => ReadFromAsync(kind, member, path, 0, limit, cancellationToken);

    public Task<SampleRows?> ReadFromAsync(string kind, ManifestMember member, string path, long from, int limit, CancellationToken cancellationToken) =>
        IsTable(member) ? AskAsync($"SELECT * FROM sample LIMIT {limit} OFFSET {from}", [path], cancellationToken) : Task.FromResult<SampleRows?>(null);

    public async Task<IReadOnlyList<SampleColumn>?> ColumnsAsync(ManifestMember member, string path, CancellationToken cancellationToken) =>
        IsTable(member) && await AskAsync("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM sample)", [path], cancellationToken) is { } answer ? [.. answer.Rows.Select(r => new SampleColumn(r[0], r[1]))] : null;

    public Task<SampleRows?> FindAsync(IReadOnlyList<string> paths, string column, string value, int limit, CancellationToken cancellationToken) => paths.Count == 0 ? Task.FromResult<SampleRows?>(null)
        : AskAsync($"SELECT * FROM sample WHERE \"{column.Replace("\"", "\"\"", StringComparison.Ordinal)}\" = '{value.Replace("'", "''", StringComparison.Ordinal)}' LIMIT {limit}", paths, cancellationToken);

    public async Task<IReadOnlyList<DiffFigure>?> CompareAsync(IReadOnlyList<DiffFigure> scores, string before, string after, CancellationToken cancellationToken) =>
        await AloneAsync(() => PairedScores.Compare(scores, context.Tables(), before, after, cancellationToken), cancellationToken);

    static bool IsTable(ManifestMember member) => member.Name.EndsWith(".parquet", StringComparison.Ordinal);

    async Task<SampleRows?> AskAsync(string sql, IReadOnlyList<string> paths, CancellationToken cancellationToken) => await AloneAsync(() =>
    {
        using var answer = context.Query(sql, new Dictionary<string, IReadOnlyList<string>> { ["sample"] = paths }, cancellationToken);
        return new SampleRows(answer.Columns, [.. answer.Rows.Select(r => (IReadOnlyList<string>)[.. r.Select(v => v ?? "")])]);
    }, cancellationToken);

    async Task<T> AloneAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await Free.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            Free.Release();
        }
    }
}
