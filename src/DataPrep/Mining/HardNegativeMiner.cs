using DataPrep.Text.Bm25;

namespace DataPrep.Mining;

/// <summary>
/// Mines hard negatives: the documents a guide ranks high for a query without their being relevant. Relevant are the positives of the query, those of other queries of the same text,
/// and their relevance group. The negatives of a query depend on the query, its positives, the corpus, the guide, the options and the seed; not on other queries or the partition.
/// </summary>
public static class HardNegativeMiner
{
    /// <summary>Mines one partition of the training queries.</summary>
    /// <param name="pairs">Pairs; those of split "train" are mined for, in their order.</param>
    /// <param name="corpus">The documents the guide was made of, in its order.</param>
    /// <param name="guide">Ranks and scores.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="partition">Which of <see cref="MiningOptions.Partitions"/>, from 0.</param>
    /// <param name="seed">The job's seed, for random sampling.</param>
    /// <param name="progress">Queries done.</param>
    /// <param name="cancellationToken">Stops between blocks of queries.</param>
    /// <exception cref="DataPrepException">An option is out of range, a pair names an unknown document, or guide and corpus differ.</exception>
    public static MiningResult Run(
        IEnumerable<Pair> pairs, MiningCorpus corpus, INegativeGuide guide, MiningOptions? options = null, int partition = 0, long seed = 0,
        IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new MiningOptions();
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(partition);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(partition, options.Partitions);
        if (guide.DocumentCount != corpus.Documents.Count)
        {
            throw new DataPrepException($"The {guide.Name} guide ranks {guide.DocumentCount} documents, the corpus has {corpus.Documents.Count}. Make the guide of the documents that are mined from.");
        }

        var queries = MiningPlan.Queries(pairs, corpus, options, partition);
        var mined = new Mined(corpus, guide, options, seed);
        for (var start = 0; start < queries.Count; start += guide.BlockSize)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var block = queries.GetRange(start, Math.Min(guide.BlockSize, queries.Count - start));
            var depths = block.ConvertAll(query => options.TopK ?? (options.RangeMax + query.Group.Count));
            var results = guide.Search([.. block.Select((query, q) => new GuideQuery(query.QueryId, query.Text, query.Positives) { Depth = depths[q] })], depths.Max(), cancellationToken);
            for (var q = 0; q < block.Count; q++)
            {
                mined.Add(block[q], results[q].Hits.AsSpan(0, Math.Min(depths[q], results[q].Hits.Length)), results[q].PositiveScores);
            }

            progress?.Report(new StageProgress(start + block.Count, queries.Count, "queries"));
        }

        return new MiningResult(mined.Negatives, mined.Count(queries.Count));
    }

    sealed class Mined(MiningCorpus corpus, INegativeGuide guide, MiningOptions options, long seed)
    {
        readonly CandidateFilter filter = new(options);
        readonly List<(Hit Hit, int Rank)> survivors = [];
        readonly string rule = options.Rule;
        long pairs, tooFew, without, candidates, relevant;

        public List<Negative> Negatives { get; } = [];

        public void Add(MiningQuery query, ReadOnlySpan<Hit> hits, float[] positiveScores)
        {
            for (var p = 0; p < query.Positives.Length; p++)
            {
                Survive(query, hits, positiveScores[p]);
                var chosen = Choose(query.QueryId);
                foreach (var (hit, rank) in chosen)
                {
                    Negatives.Add(new Negative(
                        query.QueryId, corpus.Documents[query.Positives[p]].DocId, corpus.Documents[hit.Document].DocId, hit.Score, positiveScores[p], rank, guide.Name, rule, guide.Digest));
                }

                pairs++;
                tooFew += chosen.Count < options.NumNegatives ? 1 : 0;
                without += chosen.Count == 0 ? 1 : 0;
            }
        }

        public MiningCounters Count(int queries) => filter.Count(new MiningCounters
        {
            Queries = queries,
            Pairs = pairs,
            PairsTooFew = tooFew,
            PairsWithout = without,
            Candidates = candidates,
            Relevant = relevant,
            Negatives = Negatives.Count,
        });

        void Survive(MiningQuery query, ReadOnlySpan<Hit> hits, float positiveScore)
        {
            survivors.Clear();
            var rank = 0;
            var raw = options.RangeSemantics == RangeSemantics.Raw;
            var end = raw ? Math.Min(hits.Length, options.RangeMax) : hits.Length;
            for (var i = 0; i < end; i++)
            {
                candidates++;
                if (query.Group.Contains(hits[i].Document))
                {
                    relevant++;
                    continue;
                }

                if ((!raw || i >= options.RangeMin) && filter.Admits(hits[i].Score, positiveScore))
                {
                    survivors.Add((hits[i], rank));
                }

                rank++;
            }

            if (!raw)
            {
                survivors.RemoveRange(Math.Min(survivors.Count, options.RangeMax), Math.Max(0, survivors.Count - options.RangeMax));
                survivors.RemoveRange(0, Math.Min(survivors.Count, options.RangeMin));
            }
        }

        List<(Hit Hit, int Rank)> Choose(string queryId)
        {
            var take = Math.Min(options.NumNegatives, survivors.Count);
            if (options.Sampling == NegativeSampling.Top || take == survivors.Count)
            {
                return survivors[..take];
            }

            // The least of one hash per candidate: a uniform sample that no order, partition or other query has a part in.
            var sample = survivors.OrderBy(survivor => StableHash.Of(seed, "negative", queryId, corpus.Documents[survivor.Hit.Document].DocId)).Take(take).ToList();
            sample.Sort(static (x, y) => x.Rank.CompareTo(y.Rank));
            return sample;
        }
    }
}
