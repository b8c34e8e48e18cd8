namespace DataPrep.Mining;

/// <summary>Candidate lists of an earlier mining and the documents they were taken from.</summary>
/// <param name="documents">The documents, in the order of their ordinals.</param>
/// <param name="lists">The lists.</param>
public sealed class CandidateHistory(IReadOnlyList<RankedDocument> documents, IEnumerable<CandidateList> lists)
{
    readonly Dictionary<string, CandidateList> byQuery = lists.ToDictionary(l => l.QueryId, StringComparer.Ordinal);

    /// <summary>The documents.</summary>
    public IReadOnlyList<RankedDocument> Documents => documents;

    /// <summary>The list of a query, or null.</summary>
    public CandidateList? Of(string queryId) => byQuery.GetValueOrDefault(queryId);
}
