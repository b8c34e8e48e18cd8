using Workflow.Artifacts;

namespace Workflow.Dashboard;

/// <summary>Rows of an artifact's file, for looking at.</summary>
/// <param name="Columns">Names.</param>
/// <param name="Rows">Cells as text, in the order of the columns.</param>
public sealed record SampleRows(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>Reads sample rows of artifacts. The composition root implements it over the table store; without it pages show no rows.</summary>
public interface IArtifactSamples
{
    /// <summary>The first rows of a file of an artifact; null where the file is no table.</summary>
    /// <param name="kind">Kind of the artifact.</param>
    /// <param name="member">The file.</param>
    /// <param name="path">Where its bytes lie.</param>
    /// <param name="limit">Rows at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<SampleRows?> ReadAsync(string kind, ManifestMember member, string path, int limit, CancellationToken cancellationToken);
}
