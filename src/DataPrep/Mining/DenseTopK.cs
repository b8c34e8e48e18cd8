using System.Runtime.InteropServices;
using DataPrep.Text;
using DataPrep.Text.Bm25;
using TorchSharp;

namespace DataPrep.Mining;

/// <summary>
/// Exact k nearest rows by inner product. Tiles of a matrix product propose candidates, an inner product in double of each decides: the scores are those doubles rounded to float,
/// whatever the tile, block, thread count or device, and ties go to the smaller ordinal. Where rounding of the proposal could have hidden a row, the rows in doubt are all scored.
/// Memory: the matrices, and one score tile of block by <see cref="TileRows"/>.
/// </summary>
/// <param name="rows">Rows to search, row-major (N, D).</param>
/// <param name="dimensions">Width D.</param>
/// <param name="threads">Threads that select and score; the matrix product uses torch's own setting.</param>
public sealed class DenseTopK(ReadOnlyMemory<float> rows, int dimensions, int threads = 1)
{
    // A tile of scores of 512 x 2048 stays in the cache between the product that writes it and the selection that reads it.
    const int TileRows = 2048, TileQueries = 512, Slack = 16;

    readonly int count = dimensions == 0 ? 0 : rows.Length / dimensions;
    readonly Lazy<double> longest = new(() => LongestOf(rows.Span, dimensions));

    /// <summary>The k best rows for each query, by score descending, then ordinal ascending.</summary>
    /// <param name="queries">Queries, row-major (Q, D).</param>
    /// <param name="k">Rows per query; all rows where there are fewer.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    public Hit[][] Search(ReadOnlyMemory<float> queries, int k, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        var queryCount = dimensions == 0 ? 0 : queries.Length / dimensions;
        k = Math.Min(k, count);
        if (queryCount == 0 || k == 0)
        {
            return [.. Enumerable.Range(0, queryCount).Select(static _ => Array.Empty<Hit>())];
        }

        var proposals = new TopK[queryCount];
        for (var q = 0; q < queryCount; q++)
        {
            proposals[q] = new TopK(Math.Min(count, k + Slack), float.NegativeInfinity);
        }

        ForEachTile(queries, (q, first, scores) => proposals[q].Add(scores, first), cancellationToken);
        var results = new Hit[queryCount][];
        var doubts = new float[queryCount];
        Workers.For(
            queryCount,
            threads,
            q => (results[q], doubts[q]) = Decide(queries.Span.Slice(q * dimensions, dimensions), proposals[q].Take(), k),
            cancellationToken);
        Resolve(queries, k, results, doubts, cancellationToken);
        return results;
    }

    /// <summary>The score a search gives a row for a query.</summary>
    public float Score(ReadOnlySpan<float> query, int row) => (float)ExactDot.Of(query, rows.Span.Slice(row * dimensions, dimensions));

    // The best k of the proposed by their exact scores, and the proposed score above which a row that was not proposed might belong among them (NaN: none can).
    (Hit[] Hits, float Doubt) Decide(ReadOnlySpan<float> query, Hit[] proposed, int k)
    {
        var selection = new TopK(k, float.NegativeInfinity);
        foreach (var hit in proposed)
        {
            selection.Add(hit with { Score = Score(query, hit.Document) });
        }

        if (proposed.Length < Math.Min(count, k + Slack))
        {
            throw new DataPrepException("A query or row to compare holds a value that is not a finite number. Expected finite embeddings.");
        }

        var worst = selection.Threshold;
        var error = ErrorBound(query);
        var settled = proposed.Length == count || proposed[^1].Score + error < worst;
        return (selection.Take(), settled ? float.NaN : (float)(worst - error));
    }

    // Queries with many equal rows around the k-th: score every row the proposal cannot tell apart from it.
    void Resolve(ReadOnlyMemory<float> queries, int k, Hit[][] results, float[] doubts, CancellationToken cancellationToken)
    {
        var open = Enumerable.Range(0, results.Length).Where(q => !float.IsNaN(doubts[q])).ToArray();
        if (open.Length == 0)
        {
            return;
        }

        var subset = new float[open.Length * dimensions];
        for (var i = 0; i < open.Length; i++)
        {
            queries.Span.Slice(open[i] * dimensions, dimensions).CopyTo(subset.AsSpan(i * dimensions));
        }

        var selections = Array.ConvertAll(open, _ => new TopK(k, float.NegativeInfinity));
        ForEachTile(
            subset,
            (i, first, scores) =>
            {
                for (var row = 0; row < scores.Length; row++)
                {
                    if (scores[row] >= doubts[open[i]])
                    {
                        selections[i].Add(new Hit(first + row, Score(subset.AsSpan(i * dimensions, dimensions), first + row)));
                    }
                }
            },
            cancellationToken);
        for (var i = 0; i < open.Length; i++)
        {
            results[open[i]] = selections[i].Take();
        }
    }

    delegate void Visit(int query, int firstRow, ReadOnlySpan<float> scores);

    void ForEachTile(ReadOnlyMemory<float> queries, Visit visit, CancellationToken cancellationToken)
    {
        var queryCount = queries.Length / dimensions;
        using var scope = torch.NewDisposeScope();
        using var inference = torch.inference_mode();
        var left = Matrix(queries.Span, queryCount);
        for (var first = 0; first < count; first += TileRows)
        {
            var tileRows = Math.Min(TileRows, count - first);
            using var rowScope = torch.NewDisposeScope();
            var right = Matrix(rows.Span.Slice(first * dimensions, tileRows * dimensions), tileRows).t();
            for (var firstQuery = 0; firstQuery < queryCount; firstQuery += TileQueries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var tileScope = torch.NewDisposeScope();
                var tileQueries = Math.Min(TileQueries, queryCount - firstQuery);
                Select(torch.matmul(left.narrow(0, firstQuery, tileQueries), right), firstQuery, first, visit);
            }
        }
    }

    void Select(torch.Tensor tile, int firstQuery, int firstRow, Visit visit)
    {
        var (tileQueries, tileRows) = ((int)tile.shape[0], (int)tile.shape[1]);
        const int Stride = 32;
        Workers.For((tileQueries + Stride - 1) / Stride, threads, group =>
        {
            var scores = MemoryMarshal.Cast<byte, float>(tile.bytes);
            for (var q = group * Stride; q < Math.Min(tileQueries, (group + 1) * Stride); q++)
            {
                visit(firstQuery + q, firstRow, scores.Slice(q * tileRows, tileRows));
            }
        });
    }

    torch.Tensor Matrix(ReadOnlySpan<float> values, int count)
    {
        var matrix = torch.empty([count, dimensions], dtype: torch.ScalarType.Float32);
        values.CopyTo(MemoryMarshal.Cast<byte, float>(matrix.bytes));
        return matrix;
    }

    // |float inner product - exact| <= gamma(D) |x||y| (Higham, Accuracy and Stability of Numerical Algorithms, 3.1), doubled for the rounding of the exact score.
    double ErrorBound(ReadOnlySpan<float> query) => (dimensions + 8) * 1.2e-7 * Math.Sqrt(ExactDot.Of(query, query)) * longest.Value;

    static double LongestOf(ReadOnlySpan<float> rows, int dimensions)
    {
        var longest = 0.0;
        for (var start = 0; start < rows.Length; start += dimensions)
        {
            var row = rows.Slice(start, dimensions);
            longest = Math.Max(longest, ExactDot.Of(row, row));
        }

        return Math.Sqrt(longest);
    }
}
