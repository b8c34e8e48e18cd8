using System.Runtime.InteropServices;

namespace Trainer.Training.Batches;

/// <summary>What a plan needs to know of training rows.</summary>
/// <param name="SourceNames">Names of the sources.</param>
/// <param name="Source">Source of each row, an index into the names.</param>
/// <param name="Bucket">Length bucket of each row.</param>
/// <param name="Keys">What keeps rows apart in an epoch.</param>
public sealed record PlanRows(IReadOnlyList<string> SourceNames, int[] Source, int[] Bucket, Func<int, RowKeys> Keys)
{
    // A query with thousands of positives would cost each of its rows as many look-ups; what is beyond these is left to the mask of false negatives.
    const int MostClusters = 64;

    /// <summary>What it is of a training set.</summary>
    /// <param name="set">The training rows.</param>
    /// <param name="options">How rows become batches.</param>
    /// <param name="table">Length buckets; empty for those of the shards.</param>
    /// <param name="negatives">Hard negatives drawn of each row.</param>
    /// <param name="seed">Seed that they are drawn with.</param>
    /// <exception cref="TrainerException">A row is longer than the last bucket.</exception>
    public static PlanRows Of(TrainingSet set, BatchOptions options, IReadOnlyList<BucketSize> table, int negatives, long seed)
    {
        var names = new List<string>();
        var source = new int[set.Rows.Count];
        if (options.SameSource)
        {
            names = [.. set.Sources.Select(s => Name(s, options.Source)).Distinct(StringComparer.Ordinal)];
            var index = names.Index().ToDictionary(n => n.Item, n => n.Index, StringComparer.Ordinal);
            var of = set.Sources.Select(s => index[Name(s, options.Source)]).ToArray();
            source = [.. set.Rows.Select(r => of[r.Source])];
        }

        var texts = new TextKeys(set.Queries, set.Passages);
        return new PlanRows(names.Count > 0 ? names : [""], source, [.. set.Rows.Select((r, i) => BucketOf(set, r, i, table, negatives))],
            epoch => KeysOf(set, texts, options.Distinct, negatives, epoch, seed));
    }

    static string Name(RowSource source, SourceKey key) => key switch
    {
        SourceKey.Generator => source.Generator,
        SourceKey.Folder => source.File.LastIndexOf('/') is >= 0 and var at ? source.File[..at] : "",
        _ => source.File,
    };

    static int BucketOf(TrainingSet set, IndexedRow row, int index, IReadOnlyList<BucketSize> table, int negatives)
    {
        if (table.Count == 0)
        {
            return row.Bucket;
        }

        var length = Math.Max(set.Queries[row.Query].Length, set.Passages[row.Positive].Length);
        foreach (var negative in negatives > 0 ? row.Negatives : [])
        {
            length = Math.Max(length, set.Passages[negative].Length);
        }

        for (var b = 0; b < table.Count; b++)
        {
            if (length <= table[b].MaxLength)
            {
                return b;
            }
        }

        throw new TrainerException($"Row {index} has a text of {length} tokens; the last length bucket ends at {table[^1].MaxLength}. Add a bucket for longer rows, or shorten query_length and passage_length.");
    }

    static RowKeys KeysOf(TrainingSet set, TextKeys texts, DistinctTexts distinct, int negatives, int epoch, long seed)
    {
        var keys = new RowKeys(texts.Count + set.Passages.Count);
        var (exclusive, shared) = (new List<int>(), new List<int>());
        for (var i = 0; i < set.Rows.Count; i++)
        {
            var row = set.Rows[i];
            exclusive.Clear();
            shared.Clear();
            if (distinct != DistinctTexts.None)
            {
                exclusive.AddRange([texts.Query(row.Query), texts.Passage(row.Positive)]);
                var drawn = TrainBatch.Drawn(row, i, negatives, epoch, seed).Select(d => row.Negatives[d]);
                (distinct == DistinctTexts.Passages ? exclusive : shared).AddRange(drawn.Select(texts.Passage));
                if (distinct == DistinctTexts.Clusters)
                {
                    exclusive.Add(texts.Count + set.Clusters[row.Positive]);
                    shared.AddRange(drawn.Select(d => texts.Count + set.Clusters[d]));
                    shared.AddRange(set.Positives[row.Query].Take(MostClusters).Select(c => texts.Count + c));
                }
            }

            keys.Add(CollectionsMarshal.AsSpan(exclusive), CollectionsMarshal.AsSpan(shared));
        }

        return keys;
    }
}
