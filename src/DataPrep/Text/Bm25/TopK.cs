using System.Numerics;
using System.Runtime.InteropServices;

namespace DataPrep.Text.Bm25;

/// <summary>The k best of many scores by score descending, then ordinal ascending, in one pass with a heap of k.</summary>
sealed class TopK(int k)
{
    // A min-heap: the root is the worst of the kept.
    readonly Hit[] heap = new Hit[k];
    int count;

    /// <summary>Offers every score above zero, with its index as ordinal, in ascending order.</summary>
    public void AddPositive(ReadOnlySpan<float> scores)
    {
        if (k == 0)
        {
            return;
        }

        var width = Vector<float>.Count;
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(scores);
        for (var v = 0; v < vectors.Length; v++)
        {
            if (Vector.GreaterThanAny(vectors[v], new Vector<float>(Threshold)))
            {
                AddRange(scores, v * width, (v + 1) * width);
            }
        }

        AddRange(scores, vectors.Length * width, scores.Length);
    }

    /// <summary>The kept, best first; the selection is empty again afterwards.</summary>
    public Hit[] Take()
    {
        var hits = heap.AsSpan(0, count).ToArray();
        Array.Sort(hits, static (x, y) => x.Score != y.Score ? y.Score.CompareTo(x.Score) : x.Document.CompareTo(y.Document));
        count = 0;
        return hits;
    }

    // Scores arrive by ascending ordinal, so a later one of equal score is worse than the root and may be passed over.
    float Threshold => count == k ? heap[0].Score : 0;

    static bool Worse(Hit x, Hit y) => x.Score < y.Score || (x.Score == y.Score && x.Document > y.Document);

    void AddRange(ReadOnlySpan<float> scores, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            if (scores[i] > Threshold)
            {
                Add(new Hit(i, scores[i]));
            }
        }
    }

    void Add(Hit hit)
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
