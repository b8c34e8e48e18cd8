using Workflow.Artifacts;
using Workflow.Dashboard;

namespace Workflow.Cli;

/// <summary>First rows of Parquet files, for the dashboard.</summary>
sealed class TableSamples(CliContext context) : IArtifactSamples
{
    public Task<SampleRows?> ReadAsync(string kind, ManifestMember member, string path, int limit, CancellationToken cancellationToken) =>
        !member.Name.EndsWith(".parquet", StringComparison.Ordinal) ? Task.FromResult<SampleRows?>(null) : Task.Run<SampleRows?>(() =>
        {
            using var answer = context.Query($"SELECT * FROM sample LIMIT {limit}", new Dictionary<string, IReadOnlyList<string>> { ["sample"] = [path] }, cancellationToken);
            return new SampleRows(answer.Columns, [.. answer.Rows.Select(r => (IReadOnlyList<string>)[.. r.Select(v => v ?? "")])]);
        }, cancellationToken);
}
