using Workflow.Artifacts;
using Workflow.Lineage;

namespace Workflow.Dashboard;

/// <summary>Rows of an artifact's file, for looking at.</summary>
/// <param name="Columns">Names.</param>
/// <param name="Rows">Cells as text, in the order of the columns.</param>
public sealed record SampleRows(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows);

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type, as the table store calls it.</param>
public sealed record SampleColumn(string Name, string Type);

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

    /// <summary>Rows of a file from a position on, in the file's order; null where the file is no table.</summary>
    /// <param name="kind">Kind of the artifact.</param>
    /// <param name="member">The file.</param>
    /// <param name="path">Where its bytes lie.</param>
    /// <param name="from">Rows passed over.</param>
    /// <param name="limit">Rows at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<SampleRows?> ReadFromAsync(string kind, ManifestMember member, string path, long from, int limit, CancellationToken cancellationToken) =>
        from == 0 ? ReadAsync(kind, member, path, limit, cancellationToken) : Task.FromResult<SampleRows?>(null);

    /// <summary>Columns of a file; null where it is no table.</summary>
    /// <param name="member">The file.</param>
    /// <param name="path">Where its bytes lie.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<SampleColumn>?> ColumnsAsync(ManifestMember member, string path, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<SampleColumn>?>(null);

    /// <summary>Rows of tables in which a column has a value.</summary>
    /// <param name="paths">The tables' files, of equal columns.</param>
    /// <param name="column">Name of a column of text.</param>
    /// <param name="value">The value.</param>
    /// <param name="limit">Rows at most.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<SampleRows?> FindAsync(IReadOnlyList<string> paths, string column, string value, int limit, CancellationToken cancellationToken) => Task.FromResult<SampleRows?>(null);

    /// <summary>Scores again, compared query by query, see <see cref="PairedScores"/>; null where this cannot be done.</summary>
    /// <param name="scores">Means by system and metric.</param>
    /// <param name="before">Path of the earlier run's table.</param>
    /// <param name="after">Path of the later run's.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<IReadOnlyList<DiffFigure>?> CompareAsync(IReadOnlyList<DiffFigure> scores, string before, string after, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<DiffFigure>?>(null);
}
