namespace DataPrep.Mining;

/// <summary>How two vectors are compared.</summary>
public enum Similarity
{
    /// <summary>Cosine: vectors are divided by their length once; a zero vector stays zero.</summary>
    Cosine,

    /// <summary>Inner product of the vectors as they are.</summary>
    Dot,
}

/// <summary>Embeddings as one row-major matrix (N, D) with the id of each row.</summary>
public sealed class EmbeddingMatrix
{
    readonly Dictionary<string, int> rows;

    EmbeddingMatrix(List<string> ids, Dictionary<string, int> rows, float[] values, int dimensions)
    {
        this.rows = rows;
        Ids = ids;
        Values = values;
        Dimensions = dimensions;
    }

    /// <summary>Id of each row.</summary>
    public IReadOnlyList<string> Ids { get; }

    /// <summary>Width D of a vector.</summary>
    public int Dimensions { get; }

    /// <summary>Number of rows N.</summary>
    public int Count => Ids.Count;

    /// <summary>The matrix, row after row.</summary>
    internal float[] Values { get; }

    /// <summary>Vector of a row (D).</summary>
    public ReadOnlySpan<float> this[int row] => Values.AsSpan(row * Dimensions, Dimensions);

    /// <summary>Row of an id, or -1.</summary>
    public int RowOf(string id) => rows.GetValueOrDefault(id, -1);

    /// <summary>Takes embeddings in the order of <paramref name="ids"/>.</summary>
    /// <param name="embeddings">The embeddings of an encode artifact; more than asked for are passed over.</param>
    /// <param name="ids">The rows wanted, in order.</param>
    /// <param name="similarity">With cosine, rows are scaled to length 1.</param>
    /// <exception cref="DataPrepException">An id has no embedding, widths differ, or a value is not finite.</exception>
    public static EmbeddingMatrix Of(IEnumerable<Embedding> embeddings, IEnumerable<string> ids, Similarity similarity = Similarity.Cosine)
    {
        var order = ids.ToList();
        var rowOf = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var row = 0; row < order.Count; row++)
        {
            if (!rowOf.TryAdd(order[row], row))
            {
                throw new DataPrepException($"'{order[row]}' is asked for twice (rows {rowOf[order[row]]} and {row}). Expected each id once.");
            }
        }

        var (values, dimensions, filled) = ((float[])[], 0, new bool[order.Count]);
        foreach (var embedding in embeddings)
        {
            if (!rowOf.TryGetValue(embedding.Id, out var row))
            {
                continue;
            }

            if (values.Length == 0)
            {
                dimensions = embedding.Vector.Length;
                values = (long)order.Count * dimensions <= Array.MaxLength
                    ? new float[order.Count * dimensions]
                    : throw new DataPrepException($"{order.Count} embeddings of width {dimensions} do not fit one matrix of {Array.MaxLength} numbers. Mine from a smaller corpus or with fewer dimensions.");
            }

            Fill(values.AsSpan(row * dimensions, dimensions), embedding, similarity);
            filled[row] = true;
        }

        var missing = Array.IndexOf(filled, false);
        return missing < 0 ? new EmbeddingMatrix(order, rowOf, values, dimensions) : throw new DataPrepException($"'{order[missing]}' has no embedding. Encode the same documents and queries that are mined.");
    }

    static void Fill(Span<float> row, Embedding embedding, Similarity similarity)
    {
        if (embedding.Vector.Length != row.Length)
        {
            throw new DataPrepException($"The embedding of '{embedding.Id}' has {embedding.Vector.Length} dimensions, others have {row.Length}. Expected embeddings of one model.");
        }

        embedding.Vector.CopyTo(row);
        var square = ExactDot.Of(row, row);
        if (!double.IsFinite(square))
        {
            throw new DataPrepException($"The embedding of '{embedding.Id}' holds a value that is not a finite number. Encode again with a model that gives finite ones.");
        }

        if (similarity == Similarity.Cosine && square > 0)
        {
            var length = Math.Sqrt(square);
            foreach (ref var value in row)
            {
                value = (float)(value / length);
            }
        }
    }
}
