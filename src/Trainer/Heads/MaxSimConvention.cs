namespace Trainer.Heads;

/// <summary>How late interaction counts padding and length; the field has several ways. They agree, but for the division, where no passage is padded.</summary>
public enum MaxSimConvention
{
    /// <summary>
    /// sentence-transformers' <c>maxsim</c>: padding never is the nearest vector; the sum over the query's vectors. A passage without a vector scores -1e9.
    /// A score depends on its two texts alone.
    /// </summary>
    SentenceTransformers,

    /// <summary>sentence-transformers' <c>mean_maxsim</c>: the same, divided by the number of the query's vectors.</summary>
    SentenceTransformersMean,

    /// <summary>
    /// FlagEmbedding's training of BGE-M3: padding of passages is zero vectors, whose similarity 0 exceeds negative ones, so a score depends on the longest passage of the
    /// batch; divided by the number of the query's vectors (its tokens but the first).
    /// </summary>
    FlagEmbedding,

    /// <summary>PyLate's <c>colbert_scores</c>: zeros as FlagEmbedding has them, and the sum.</summary>
    PyLate,
}
