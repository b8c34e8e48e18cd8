using DataPrep.Tables;

namespace DataPrep.Mining;

/// <summary>The best documents of a query as a dense guide ranked them: what the next mining goes on from. Key: <see cref="QueryId"/>.</summary>
/// <param name="QueryId">The query.</param>
/// <param name="Vector">Fingerprint of its vector.</param>
/// <param name="Documents">Ordinals of the documents, best first.</param>
/// <param name="Scores">Their scores.</param>
public sealed record CandidateList(string QueryId, string Vector, long[] Documents, float[] Scores)
{
    /// <summary>Its table.</summary>
    public static RowTable<CandidateList> Table { get; } = new("candidate lists",
        new RowColumns<CandidateList>()
            .String("query_id", l => l.QueryId)
            .String("vector", l => l.Vector)
            .Int64List("documents", l => l.Documents)
            .Float32List("scores", l => l.Scores),
        c => new CandidateList(c.String(0), c.String(1), c.Int64List(2), c.Float32List(3)));
}
