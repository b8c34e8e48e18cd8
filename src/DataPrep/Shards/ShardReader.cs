using DataPrep.Tables;

namespace DataPrep.Shards;

/// <summary>Reads shards back, each with the passages it points into.</summary>
public static class ShardReader
{
    /// <summary>The shards in file-name order.</summary>
    /// <param name="store">Table store.</param>
    /// <param name="files">Name and path of every file of the shards artifact.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    /// <exception cref="DataPrepException">A file of rows has no file of passages.</exception>
    public static IEnumerable<(IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages)> Read(
        ITableStore store, IReadOnlyDictionary<string, string> files, CancellationToken cancellationToken = default)
    {
        foreach (var (name, path) in files.Where(f => f.Key.StartsWith("rows-", StringComparison.Ordinal)).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            var passages = "passages-" + name["rows-".Length..];
            if (!files.TryGetValue(passages, out var passagesPath))
            {
                throw new DataPrepException($"The shard '{name}' has no file '{passages}' beside it. Make the shards again.");
            }

            yield return ([.. RowTables.TrainingRows.Read(store, path, cancellationToken)], [.. RowTables.Passages.Read(store, passagesPath, cancellationToken)]);
        }
    }
}
