namespace Trainer.Evaluation;

/// <summary>Combines the result lists of two systems.</summary>
public static class Fusion
{
    /// <summary>
    /// Weighted sum of normalised scores (Bruch, Gai and Ingber 2023, "convex combination"): w · norm(first) + (1 - w) · norm(second) over the union of the lists.
    /// A document that a list lacks takes that list's lowest score: not found is as bad as found last. A list whose scores are all equal counts 0 throughout.
    /// </summary>
    /// <param name="first">Results of the first system, scores as it gave them.</param>
    /// <param name="second">Results of the second.</param>
    /// <param name="weight">Weight of the first, 0 to 1.</param>
    /// <param name="normalization">How scores become comparable.</param>
    /// <param name="depth">How many results are kept, best first.</param>
    public static ScoredDocument[] Weighted(
        IReadOnlyList<ScoredDocument> first, IReadOnlyList<ScoredDocument> second, double weight, ScoreNormalization normalization, int depth)
    {
        var (a, aMissing) = Normalize(first, normalization);
        var (b, bMissing) = Normalize(second, normalization);
        var union = new List<ScoredDocument>(a.Count + b.Count);
        foreach (var (docId, score) in a)
        {
            union.Add(new ScoredDocument(docId, (weight * score) + ((1 - weight) * b.GetValueOrDefault(docId, bMissing))));
        }

        foreach (var (docId, score) in b)
        {
            if (!a.ContainsKey(docId))
            {
                union.Add(new ScoredDocument(docId, (weight * aMissing) + ((1 - weight) * score)));
            }
        }

        return RetrievalRun.Rank(union, MetricProfile.Trec, depth);
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

    static (Dictionary<string, double> Scores, double Missing) Normalize(IReadOnlyList<ScoredDocument> list, ScoreNormalization normalization)
    {
        var scores = new Dictionary<string, double>(list.Count, StringComparer.Ordinal);
        if (list.Count == 0)
        {
            return (scores, 0);
        }

        double min = double.MaxValue, max = double.MinValue, sum = 0, squares = 0;
        foreach (var (_, score) in list)
        {
            min = Math.Min(min, score);
            max = Math.Max(max, score);
            sum += score;
        }

        var mean = sum / list.Count;
        foreach (var (_, score) in list)
        {
            squares += (score - mean) * (score - mean);
        }

        var (shift, scale) = normalization switch
        {
            ScoreNormalization.MinMax => (min, max - min),
            ScoreNormalization.ZScore => (mean, Math.Sqrt(squares / list.Count)),
            _ => (0, Math.Max(max, 0)),
        };
        foreach (var (docId, score) in list)
        {
            scores[docId] = scale > 0 ? (score - shift) / scale : 0;
        }

        return (scores, scale > 0 ? (min - shift) / scale : 0);
    }
}
