using DataPrep.Tables;

namespace DataPrep.Shards;

/// <summary>What a partition of the sharding is given.</summary>
/// <param name="Pairs">Files of pairs.</param>
/// <param name="Documents">Files of documents.</param>
/// <param name="Duplicates">Files of duplicate clusters.</param>
/// <param name="Negatives">Files of mined negatives.</param>
public sealed record ShardInputs(IReadOnlyList<string> Pairs, IReadOnlyList<string> Documents, IReadOnlyList<string> Duplicates, IReadOnlyList<string> Negatives);

/// <summary>A written shard: a file of rows, a file of the passages they point into.</summary>
public sealed record ShardFiles(int Bucket, TableFile Rows, TableFile Passages);

/// <summary>
/// Writes the training pairs as shards in a seeded global order: the order of a 64-bit hash of (seed, query id, document id, generator). A partition takes a range of that hash, so partitions need
/// not know of one another and their shards, one after the other, are the whole order.
/// </summary>
public static class ShardBuild
{
    /// <summary>Writes the shards of one partition.</summary>
    /// <param name="store">Table store.</param>
    /// <param name="inputs">Input files.</param>
    /// <param name="options">Options.</param>
    /// <param name="partition">Which partition, from 0, of <see cref="ShardOptions.Partitions"/>.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="progress">Rows written.</param>
    /// <param name="cancellationToken">Stops between rows.</param>
    /// <exception cref="DataPrepException">A pair or a negative names a document that is not among the documents.</exception>
    public static IReadOnlyList<ShardFiles> Run(ITableStore store, ShardInputs inputs, ShardOptions options, int partition, long seed, string folder,
        IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var range = UInt128.One << 64;
        var (from, to) = (range * (uint)partition / (uint)options.Partitions, range * ((uint)partition + 1) / (uint)options.Partitions);
        var mine = new List<(ulong Order, Pair Pair)>();
        var before = 0L;
        foreach (var pair in RowTables.Pairs.Read(store, inputs.Pairs, cancellationToken).Where(p => p.Split == "train"))
        {
            var order = StableHash.Of(seed, "shard", pair.QueryId, pair.DocId, pair.Generator);
            before += order < from ? 1 : 0;
            if (order >= from && order < to)
            {
                mine.Add((order, pair));
            }
        }

        mine.Sort((a, b) => a.Order != b.Order ? a.Order.CompareTo(b.Order) : Compare(a.Pair, b.Pair));
        var negatives = ReadNegatives(store, inputs, mine.Select(m => (m.Pair.QueryId, m.Pair.DocId)).ToHashSet(), options.Negatives, cancellationToken);
        var wanted = mine.Select(m => m.Pair.DocId).Concat(negatives.Values.SelectMany(n => n.Select(x => x.NegativeDocId))).ToHashSet(StringComparer.Ordinal);
        var documents = RowTables.Documents.Read(store, inputs.Documents, cancellationToken).Where(d => wanted.Contains(d.DocId)).ToDictionary(d => d.DocId, StringComparer.Ordinal);
        var clusters = RowTables.Duplicates.Read(store, inputs.Duplicates, cancellationToken).Where(d => wanted.Contains(d.DocId)).ToDictionary(d => d.DocId, d => d.Cluster, StringComparer.Ordinal);

        var open = new SortedDictionary<int, ShardDraft>();
        var written = new List<ShardFiles>();
        foreach (var (index, (_, pair)) in mine.Index())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var positive = documents.GetValueOrDefault(pair.DocId)
                ?? throw new DataPrepException($"Pair '{pair.QueryId}' names document '{pair.DocId}', which is not among the documents. Make pairs and documents from the same ingest.");
            var bucket = BucketOf(options, Math.Max(pair.Query.Length, (pair.Passage ?? positive.Content).Length));
            if (!open.TryGetValue(bucket, out var draft))
            {
                open.Add(bucket, draft = new ShardDraft(documents, clusters, options.Passage));
            }

            draft.Add(before + index, pair, positive, negatives.GetValueOrDefault((pair.QueryId, pair.DocId), []), bucket);
            if (draft.Count == options.RowsPerShard)
            {
                Write(bucket, draft);
                open.Remove(bucket);
            }

            if ((index & 1023) == 0)
            {
                progress?.Report(new StageProgress(index, mine.Count, "rows"));
            }
        }

        foreach (var (bucket, draft) in open)
        {
            Write(bucket, draft);
        }

        progress?.Report(new StageProgress(mine.Count, mine.Count, "rows"));
        return written;

        void Write(int bucket, ShardDraft draft)
        {
            var name = $"{partition:D4}-{written.Count:D5}.parquet";
            written.Add(draft.Write(store, folder, name, bucket, cancellationToken));
        }
    }

    static int Compare(Pair a, Pair b)
    {
        var byQuery = string.CompareOrdinal(a.QueryId, b.QueryId);
        return byQuery != 0 ? byQuery : string.CompareOrdinal(a.DocId, b.DocId);
    }

    static int BucketOf(ShardOptions options, int length)
    {
        var bucket = 0;
        while (bucket < options.Buckets.Count && length > options.Buckets[bucket])
        {
            bucket++;
        }

        return bucket;
    }

    static Dictionary<(string, string), List<Negative>> ReadNegatives(ITableStore store, ShardInputs inputs, HashSet<(string, string)> keys, int most, CancellationToken cancellationToken)
    {
        var negatives = new Dictionary<(string, string), List<Negative>>();
        if (most == 0)
        {
            return negatives;
        }

        foreach (var negative in RowTables.Negatives.Read(store, inputs.Negatives, cancellationToken))
        {
            var key = (negative.QueryId, negative.PositiveDocId);
            if (keys.Contains(key))
            {
                if (!negatives.TryGetValue(key, out var list))
                {
                    negatives.Add(key, list = []);
                }

                list.Add(negative);
            }
        }

        foreach (var list in negatives.Values)
        {
            list.Sort((a, b) => a.Rank != b.Rank ? a.Rank.CompareTo(b.Rank) : string.CompareOrdinal(a.NegativeDocId, b.NegativeDocId));
            if (list.Count > most)
            {
                list.RemoveRange(most, list.Count - most);
            }
        }

        return negatives;
    }
}
