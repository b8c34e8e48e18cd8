namespace Trainer.Evaluation;

/// <summary>Combines the result lists of two systems.</summary>
public static class Fusion
{
    /// <summary>
    /// Weighted sum of normalised scores, as <see cref="FusionCandidates"/>, of two lists alone: a document that a list lacks takes that list's lowest score,
    /// not found being as bad as found last. Where both systems are at hand, score the union with both instead.
    /// </summary>
    /// <param name="first">Results of the first system, scores as it gave them.</param>
    /// <param name="second">Results of the second.</param>
    /// <param name="weight">Weight of the first, 0 to 1.</param>
    /// <param name="normalization">How scores become comparable.</param>
    /// <param name="depth">How many results are kept, best first.</param>
    public static ScoredDocument[] Weighted(
        IReadOnlyList<ScoredDocument> first, IReadOnlyList<ScoredDocument> second, double weight, ScoreNormalization normalization, int depth)
    {
        var (a, b) = (first.ToDictionary(s => s.DocId, s => s.Score, StringComparer.Ordinal), second.ToDictionary(s => s.DocId, s => s.Score, StringComparer.Ordinal));
        var (aLowest, bLowest) = (first.Select(s => s.Score).DefaultIfEmpty().Min(), second.Select(s => s.Score).DefaultIfEmpty().Min());
        var union = first.Select(s => s.DocId).Union(second.Select(s => s.DocId), StringComparer.Ordinal).ToList();
        var candidates = new FusionCandidates(
            Enumerable.Range(0, union.Count).ToArray(),
            union.Select(d => a.GetValueOrDefault(d, aLowest)).ToArray(), union.Select(d => b.GetValueOrDefault(d, bLowest)).ToArray(), normalization);
        return candidates.Top(weight, depth, row => union[row]);
    }

    /// <summary>Reciprocal-rank fusion (Cormack, Clarke and Büttcher 2009): Σ 1 / (k + rank), ranks from 1.</summary>
    /// <param name="lists">Result lists of any number of systems.</param>
    /// <param name="depth">How many results are kept, best first.</param>
    /// <param name="k">The constant; 60 in the paper.</param>
    public static ScoredDocument[] ReciprocalRank(IReadOnlyList<IReadOnlyList<ScoredDocument>> lists, int depth, int k = 60)
    {
        var sums = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var list in lists)
        {
            var rank = 0;
            foreach (var (docId, _) in RetrievalRun.Rank(list, MetricProfile.Trec))
            {
                sums[docId] = sums.GetValueOrDefault(docId) + (1.0 / (k + ++rank));
            }
        }

        return RetrievalRun.Rank(sums.Select(s => new ScoredDocument(s.Key, s.Value)).ToList(), MetricProfile.Trec, depth);
    }
}
