using DataPrep.Text.Bm25;

namespace DataPrep.Mining;

/// <summary>What a guide is asked.</summary>
/// <param name="QueryId">Id of the query.</param>
/// <param name="Text">Its text.</param>
/// <param name="Positives">Ordinals of the documents whose scores are wanted.</param>
public sealed record GuideQuery(string QueryId, string Text, int[] Positives)
{
    /// <summary>Hits wanted for this query; the guide may give up to k.</summary>
    /// <value>Default: as many as there are.</value>
    public int Depth { get; init; } = int.MaxValue;
}

/// <summary>What a guide answers.</summary>
/// <param name="Hits">Best documents, by score descending, then ordinal ascending.</param>
/// <param name="PositiveScores">Scores of the query's positives, in their order.</param>
public sealed record GuideResult(Hit[] Hits, float[] PositiveScores);

/// <summary>A retriever that ranks candidates and scores positives on one scale. Its answer to a query depends on that query alone, not on the others of a block.</summary>
public interface INegativeGuide
{
    /// <summary>"bm25" or "dense".</summary>
    string Name { get; }

    /// <summary>What its scores depend on beside the corpus: artifact hash of the embeddings, or "bm25:" and a hash of its options.</summary>
    string Digest { get; }

    /// <summary>Documents it ranks; ordinals are positions in the corpus it was made of.</summary>
    int DocumentCount { get; }

    /// <summary>How many queries it likes to be asked at once.</summary>
    int BlockSize { get; }

    /// <summary>Ranks documents for a block of queries.</summary>
    /// <param name="block">The queries.</param>
    /// <param name="k">Hits per query, at most.</param>
    /// <param name="cancellationToken">Stops between queries or tiles.</param>
    GuideResult[] Search(IReadOnlyList<GuideQuery> block, int k, CancellationToken cancellationToken = default);
}
