namespace Trainer.Evaluation;

/// <summary>Result lists by query: what a system answered. List order means nothing, scores do; metric profiles break ties.</summary>
public sealed class RetrievalRun
{
    readonly Dictionary<string, IReadOnlyList<ScoredDocument>> _lists = new(StringComparer.Ordinal);

    /// <summary>The queries, in the order added.</summary>
    public IReadOnlyCollection<string> QueryIds => _lists.Keys;

    /// <summary>Number of queries.</summary>
    public int Count => _lists.Count;

    /// <summary>The results of a query, in the order given; null where the run does not have it.</summary>
    public IReadOnlyList<ScoredDocument>? this[string queryId] => _lists.GetValueOrDefault(queryId);

    /// <summary>Adds a query's results.</summary>
    /// <exception cref="TrainerException">The query was added before, a document occurs twice, or a score is NaN.</exception>
    public void Add(string queryId, IReadOnlyList<ScoredDocument> results)
    {
        var seen = new HashSet<string>(results.Count, StringComparer.Ordinal);
        foreach (var (docId, score) in results)
        {
            if (!seen.Add(docId))
            {
                throw new TrainerException($"Run lists document '{docId}' twice for query '{queryId}'; expected each document once per query.");
            }

            if (double.IsNaN(score))
            {
                throw new TrainerException($"Run has score NaN for query '{queryId}', document '{docId}'; expected a number.");
            }
        }

        if (!_lists.TryAdd(queryId, results))
        {
            throw new TrainerException($"Run lists query '{queryId}' twice; expected each query once.");
        }
    }

    /// <summary>The first <paramref name="depth"/> documents of a result list, best first, ties as the profile breaks them.</summary>
    public static ScoredDocument[] Rank(IReadOnlyList<ScoredDocument> results, MetricProfile profile, int depth = int.MaxValue)
    {
        var sorted = results.ToArray();
        var sign = profile == MetricProfile.Trec ? -1 : 1;
        Array.Sort(sorted, (a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : sign * string.CompareOrdinal(a.DocId, b.DocId));
        return sorted.Length > depth ? sorted[..depth] : sorted;
    }
}
