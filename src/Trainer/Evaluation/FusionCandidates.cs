namespace Trainer.Evaluation;

/// <summary>
/// One query's candidates, the union of two systems' results, scored by both: combined anew for each weight that is tried (Bruch, Gai and Ingber 2023, "convex combination"):
/// w · norm(first) + (1 - w) · norm(second), each normalised over the union. A system that gives all candidates the same score counts 0 throughout.
/// </summary>
public sealed class FusionCandidates
{
    readonly int[] _rows;
    readonly double[] _first;
    readonly double[] _second;

    /// <summary>Normalises the scores of a union.</summary>
    /// <param name="rows">The documents' rows, each once.</param>
    /// <param name="first">Their scores by the first system; changed in place.</param>
    /// <param name="second">Their scores by the second system; changed in place.</param>
    /// <param name="normalization">How scores become comparable.</param>
    public FusionCandidates(int[] rows, double[] first, double[] second, ScoreNormalization normalization)
    {
        (_rows, _first, _second) = (rows, first, second);
        Normalize(first, normalization);
        Normalize(second, normalization);
    }

    /// <summary>The best by weight · first + (1 - weight) · second, best first, ties by document id descending.</summary>
    /// <param name="weight">Weight of the first system, 0 to 1.</param>
    /// <param name="depth">How many.</param>
    /// <param name="docId">Id of a row.</param>
    public ScoredDocument[] Top(double weight, int depth, Func<int, string> docId)
    {
        var worst = new PriorityQueue<ScoredDocument, ScoredDocument>(Comparer<ScoredDocument>.Create(Compare));
        for (var i = 0; i < _rows.Length; i++)
        {
            var score = (weight * _first[i]) + ((1 - weight) * _second[i]);
            if (worst.Count == depth && score < worst.Peek().Score)
            {
                continue;
            }

            var scored = new ScoredDocument(docId(_rows[i]), score);
            if (worst.Count < depth)
            {
                worst.Enqueue(scored, scored);
            }
            else if (Compare(scored, worst.Peek()) > 0)
            {
                worst.DequeueEnqueue(scored, scored);
            }
        }

        var top = new ScoredDocument[worst.Count];
        for (var i = top.Length - 1; i >= 0; i--)
        {
            top[i] = worst.Dequeue();
        }

        return top;
    }

    static int Compare(ScoredDocument a, ScoredDocument b) => a.Score != b.Score ? a.Score.CompareTo(b.Score) : string.CompareOrdinal(a.DocId, b.DocId);

    static void Normalize(double[] scores, ScoreNormalization normalization)
    {
        if (scores.Length == 0)
        {
            return;
        }

        var (min, max, mean) = (scores.Min(), scores.Max(), scores.Sum() / scores.Length);
        var (shift, scale) = normalization switch
        {
            ScoreNormalization.MinMax => (min, max - min),
            ScoreNormalization.ZScore => (mean, Math.Sqrt(scores.Sum(s => (s - mean) * (s - mean)) / scores.Length)),
            _ => (0, Math.Max(max, 0)),
        };
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = scale > 0 ? (scores[i] - shift) / scale : 0;
        }
    }
}
