using Trainer.Training;

namespace Trainer.Encoders;

/// <summary>
/// A first table in which tokens that share letters share directions (after fastText's subwords: Bojanowski and others 2017). Row of token t:
/// σ (√0.9 · Σ_g r(g) / √n + √0.1 · r(t)), g over the n distinct 3-, 4- and 5-grams of "&lt;t&gt;" without its "##", r(key) a standard normal vector that depends on seed and key.
/// </summary>
public static class NgramTable
{
    const double Shared = 0.9;

    /// <summary>Makes the table, (V, D), row-major.</summary>
    /// <param name="pieces">The tokens; null where an id has none.</param>
    /// <param name="dimensions">D.</param>
    /// <param name="deviation">σ.</param>
    /// <param name="seed">Seed.</param>
    public static float[] Create(IReadOnlyList<string?> pieces, int dimensions, double deviation, long seed)
    {
        var table = new float[(long)pieces.Count * dimensions];
        var vectors = new Dictionary<string, float[]>(StringComparer.Ordinal);
        var sum = new double[dimensions];
        for (var id = 0; id < pieces.Count; id++)
        {
            var piece = pieces[id] ?? $"[unused{id}]";
            var grams = Grams(piece);
            Array.Clear(sum);
            Add("token:" + piece, Math.Sqrt((1 - Shared)));
            foreach (var gram in grams)
            {
                Add("gram:" + gram, Math.Sqrt(Shared / grams.Count));
            }

            for (var d = 0; d < dimensions; d++)
            {
                table[((long)id * dimensions) + d] = (float)(sum[d] * deviation);
            }
        }

        return table;

        void Add(string key, double scale)
        {
            if (!vectors.TryGetValue(key, out var vector))
            {
                vectors.Add(key, vector = Normal(SplitMix64.Key(seed, key), dimensions));
            }

            for (var d = 0; d < dimensions; d++)
            {
                sum[d] += scale * vector[d];
            }
        }
    }

    static SortedSet<string> Grams(string piece)
    {
        var text = $"<{piece.Replace("##", "", StringComparison.Ordinal)}>";
        var grams = new SortedSet<string>(StringComparer.Ordinal);
        for (var length = 3; length <= 5; length++)
        {
            for (var start = 0; start + length <= text.Length; start++)
            {
                grams.Add(text.Substring(start, length));
            }
        }

        if (grams.Count == 0)
        {
            grams.Add(text);
        }

        return grams;
    }

    // Box and Muller 1958: two numbers of a uniform stream give two of a normal one.
    static float[] Normal(ulong state, int count)
    {
        var random = new SplitMix64(state);
        var values = new float[count];
        for (var i = 0; i < count; i += 2)
        {
            var radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            var (sin, cos) = Math.SinCos(2 * Math.PI * random.NextDouble());
            values[i] = (float)(radius * cos);
            if (i + 1 < count)
            {
                values[i + 1] = (float)(radius * sin);
            }
        }

        return values;
    }
}
