using System.Numerics;
using System.Runtime.InteropServices;

namespace DataPrep.Text.Bm25;

/// <summary>The k best of many scores by score descending, then ordinal ascending, in one pass with a heap of k.</summary>
/// <param name="k">How many are kept.</param>
/// <param name="floor">Only scores above it are kept.</param>
sealed class TopK(int k, float floor = 0)
{
    // A min-heap: the root is the worst of the kept.
    readonly Hit[] heap = new Hit[k];
    int count;

    /// <summary>A later score must be above this to be kept: the worst of k kept ones, or the floor. Equal is not enough, for later ordinals are larger.</summary>
    public float Threshold => count == k ? k == 0 ? float.PositiveInfinity : heap[0].Score : floor;

    /// <summary>Offers scores of documents in ascending order, ordinals above all offered before.</summary>
    /// <param name="scores">Scores of neighbouring documents; NaN is never kept.</param>
    /// <param name="firstDocument">Ordinal of the first.</param>
    public void Add(ReadOnlySpan<float> scores, int firstDocument = 0)
    {
        var width = Vector<float>.Count;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        var threshold = new Vector<float>(Threshold);
        var v = 0;
        for (; v + 4 <= vectors.Length; v += 4)
        {
            var above = Vector.GreaterThan(vectors[v], threshold) | Vector.GreaterThan(vectors[v + 1], threshold)
                | Vector.GreaterThan(vectors[v + 2], threshold) | Vector.GreaterThan(vectors[v + 3], threshold);
            if (above != Vector<int>.Zero)
            {
                AddRange(scores, firstDocument, v * width, (v + 4) * width);
                threshold = new Vector<float>(Threshold);
            }
        }

        AddRange(scores, firstDocument, v * width, scores.Length);
    }

    /// <summary>Offers a hit, in any order of ordinals.</summary>
    public void Add(Hit hit)
    {
        if (hit.Score > floor && (count < k || (k > 0 && Worse(heap[0], hit))))
        {
            Insert(hit);
        }
    }

    /// <summary>The kept, best first; the selection is empty again afterwards.</summary>
    public Hit[] Take()
    {
        var hits = heap.AsSpan(0, count).ToArray();
        Array.Sort(hits, static (x, y) => x.Score != y.Score ? y.Score.CompareTo(x.Score) : x.Document.CompareTo(y.Document));
        count = 0;
        return hits;
    }

    static bool Worse(Hit x, Hit y) => x.Score < y.Score || (x.Score == y.Score && x.Document > y.Document);

    void AddRange(ReadOnlySpan<float> scores, int firstDocument, int from, int to)
    {
        var threshold = Threshold;
        for (var i = from; i < to; i++)
        {
            if (scores[i] > threshold)
            {
                Insert(new Hit(firstDocument + i, scores[i]));
                threshold = Threshold;
            }
        }
    }

    void Insert(Hit hit)
    {
        if (count < k)
        {
            var i = count++;
            for (; i > 0 && Worse(hit, heap[(i - 1) / 2]); i = (i - 1) / 2)
            {
                heap[i] = heap[(i - 1) / 2];
            }

            heap[i] = hit;
            return;
        }

        var hole = 0;
        for (var child = 1; child < count; child = (2 * hole) + 1)
        {
            child += child + 1 < count && Worse(heap[child + 1], heap[child]) ? 1 : 0;
            if (!Worse(heap[child], hit))
            {
                break;
            }

            heap[hole] = heap[child];
            hole = child;
        }

        heap[hole] = hit;
    }
}
