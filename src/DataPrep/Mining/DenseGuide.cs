namespace DataPrep.Mining;

/// <summary>Embeddings as guide: the encode artifact of a committed model, or of a model from elsewhere.</summary>
/// <param name="documents">Embeddings of the corpus, rows in corpus order.</param>
/// <param name="queries">Embeddings of the queries by query id.</param>
/// <param name="digest">Hash of the embeddings artifact.</param>
/// <param name="threads">Threads that select and score; the answers do not depend on it.</param>
public sealed class DenseGuide(EmbeddingMatrix documents, EmbeddingMatrix queries, string digest, int threads) : INegativeGuide
{
    readonly DenseTopK index = documents.Dimensions == queries.Dimensions || queries.Count == 0
        ? new DenseTopK(documents.Values, documents.Dimensions, threads)
        : throw new DataPrepException($"Documents have embeddings of {documents.Dimensions} dimensions, queries of {queries.Dimensions}. Expected embeddings of one model.");

    /// <inheritdoc/>
    public string Name => "dense";

    /// <inheritdoc/>
    public string Digest => digest;

    /// <inheritdoc/>
    public int DocumentCount => documents.Count;

    /// <inheritdoc/>
    public int BlockSize => 4096;

    /// <inheritdoc/>
    public GuideResult[] Search(IReadOnlyList<GuideQuery> block, int k, CancellationToken cancellationToken = default)
    {
        var vectors = new float[block.Count * documents.Dimensions];
        for (var q = 0; q < block.Count; q++)
        {
            var row = queries.RowOf(block[q].QueryId);
            if (row < 0)
            {
                throw new DataPrepException($"Query '{block[q].QueryId}' has no embedding. Encode the same queries that are mined for.");
            }

            queries[row].CopyTo(vectors.AsSpan(q * documents.Dimensions));
        }

        var hits = index.Search(vectors, k, cancellationToken);
        return [.. hits.Select((hit, q) => new GuideResult(
            hit, [.. block[q].Positives.Select(positive => index.Score(vectors.AsSpan(q * documents.Dimensions, documents.Dimensions), positive))]))];
    }
}
