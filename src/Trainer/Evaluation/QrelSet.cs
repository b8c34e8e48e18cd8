using DataPrep;

namespace Trainer.Evaluation;

/// <summary>Relevance judgments by query.</summary>
public sealed class QrelSet
{
    readonly Dictionary<string, Dictionary<string, int>> _grades = new(StringComparer.Ordinal);

    /// <summary>Collects judgments.</summary>
    /// <exception cref="TrainerException">A (query, document) is judged twice.</exception>
    public QrelSet(IEnumerable<Qrel> qrels)
    {
        foreach (var (queryId, docId, grade) in qrels)
        {
            if (!_grades.TryGetValue(queryId, out var grades))
            {
                _grades[queryId] = grades = new(StringComparer.Ordinal);
            }

            if (!grades.TryAdd(docId, grade))
            {
                throw new TrainerException($"Qrels judge document '{docId}' twice for query '{queryId}'; expected one row per query and document.");
            }
        }
    }

    /// <summary>The judged queries, in the order met.</summary>
    public IReadOnlyCollection<string> QueryIds => _grades.Keys;

    /// <summary>Grades by document of a query; null where it is not judged.</summary>
    public IReadOnlyDictionary<string, int>? this[string queryId] => _grades.GetValueOrDefault(queryId);
}
