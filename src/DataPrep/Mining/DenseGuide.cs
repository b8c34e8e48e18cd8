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
        var hits = index.Search(Vectors(block), k, cancellationToken);
        return [.. hits.Select((hit, q) => new GuideResult(hit, Scores(block[q])))];
    }

    /// <summary>Embeddings of the corpus.</summary>
    internal EmbeddingMatrix Documents => documents;

    /// <summary>Embeddings of the queries.</summary>
    internal EmbeddingMatrix Queries => queries;

    /// <summary>Vectors of a block of queries, row-major.</summary>
    internal float[] Vectors(IReadOnlyList<GuideQuery> block)
    {
        var vectors = new float[block.Count * documents.Dimensions];
        for (var q = 0; q < block.Count; q++)
        {
            queries[Row(block[q])].CopyTo(vectors.AsSpan(q * documents.Dimensions));
        }

        return vectors;
    }

    /// <summary>Scores of a query's positives.</summary>
    internal float[] Scores(GuideQuery query)
    {
        var row = Row(query);
        return [.. query.Positives.Select(positive => index.Score(queries[row], positive))];
    }

    int Row(GuideQuery query) => queries.RowOf(query.QueryId) is var row and >= 0 ? row
        : throw new DataPrepException($"Query '{query.QueryId}' has no embedding. Encode the same queries that are mined for.");
}
