using System.Collections.Concurrent;
using DataPrep;
using Workflow.Artifacts;

namespace Workflow.Dashboard.LineagePages;

/// <summary>The columns of a version and how they differ from the version before.</summary>
/// <param name="Seq">The version.</param>
/// <param name="Columns">Its columns; empty where it has no table.</param>
/// <param name="Changes">In words; null where there is no version before it to compare with.</param>
public sealed record SchemaChange(long Seq, IReadOnlyList<SampleColumn> Columns, IReadOnlyList<string>? Changes);

/// <summary>Reads columns of versions. A file never changes under its hash, so its columns are read once.</summary>
static class SchemaChanges
{
    const int Kept = 5000;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    static readonly ConcurrentDictionary<string, IReadOnlyList<SampleColumn>> Known = new(StringComparer.Ordinal);

    /// <summary>Columns and changes of versions given newest first; those that cannot be read within some seconds are left out.</summary>
    public static async Task<IReadOnlyList<SchemaChange>> ReadAsync(DashboardContext context, IReadOnlyList<DataVersionRow> versions, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        var read = new List<SchemaChange>();
        try
        {
            foreach (var version in versions)
            {
                read.Add(new SchemaChange(version.Seq, await ColumnsAsync(context, version.File, patience.Token), null));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // What was read by then is shown.
        }

        return [.. read.Select((s, i) => i + 1 < read.Count ? s with { Changes = Compare(read[i + 1].Columns, s.Columns) } : s.Seq == 1 ? s with { Changes = [] } : s)];
    }

    /// <summary>What differs between the columns of two versions, in words.</summary>
    public static IReadOnlyList<string> Compare(IReadOnlyList<SampleColumn> before, IReadOnlyList<SampleColumn> after)
    {
        var (x, y) = (before.ToDictionary(c => c.Name, c => c.Type, StringComparer.Ordinal), after.ToDictionary(c => c.Name, c => c.Type, StringComparer.Ordinal));
        return
        [
            .. after.Where(c => !x.ContainsKey(c.Name)).Select(c => $"{c.Name} added ({c.Type})"),
            .. before.Where(c => !y.ContainsKey(c.Name)).Select(c => $"{c.Name} removed"),
            .. after.Where(c => x.TryGetValue(c.Name, out var type) && type != c.Type).Select(c => $"{c.Name}: {x[c.Name]} became {c.Type}"),
        ];
    }

    static async Task<IReadOnlyList<SampleColumn>> ColumnsAsync(DashboardContext context, string? hash, CancellationToken cancellationToken)
    {
        if (hash is null || context.Samples is null || !File.Exists(context.Paths.Blob(hash)))
        {
            return [];
        }

        if (Known.TryGetValue(hash, out var known))
        {
            return known;
        }

        try
        {
            var columns = await context.Samples.ColumnsAsync(new ManifestMember("table.parquet", hash, 0, 0, ""), context.Paths.Blob(hash), cancellationToken) ?? [];
            if (Known.Count < Kept)
            {
                Known[hash] = columns;
            }

            return columns;
        }
        catch (DataPrepException)
        {
            // Not a table that can be read: shown as one without columns.
            return [];
        }
    }
}
