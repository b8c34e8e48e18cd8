namespace Trainer.Export;

/// <summary>Attention in plain C#, text by text and head by head.</summary>
static class PlainAttention
{
    /// <summary>softmax(q kᵀ / √S) v, S being a head's share of the width: (T, D), texts end to end.</summary>
    /// <param name="texts">The texts' ids; their lengths count.</param>
    /// <param name="query">(T, D).</param>
    /// <param name="key">(T, D).</param>
    /// <param name="value">(T, D).</param>
    /// <param name="width">D.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="reach">How far a token sees on either side.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="cancellationToken">Stops between heads.</param>
    public static float[] Mix(
        IReadOnlyList<int[]> texts, float[] query, float[] key, float[] value, int width, int heads, int reach, int threads, CancellationToken cancellationToken)
    {
        var result = new float[query.Length];
        var starts = new int[texts.Count];
        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + texts[i - 1].Length;
        }

        Parallel.For(0, texts.Count * heads, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, job =>
        {
            var (start, length, share) = (starts[job / heads], texts[job / heads].Length, width / heads);
            var offset = job % heads * share;
            for (var q = 0; q < length; q++)
            {
                var first = Math.Max(0, q - (long)reach);
                var scores = new double[Math.Min(length - 1, q + (long)reach) - first + 1];
                var asked = query.AsSpan(((start + q) * width) + offset, share);
                for (var k = 0; k < scores.Length; k++)
                {
                    scores[k] = PlainMath.Dot(asked, key.AsSpan(((start + (int)first + k) * width) + offset, share)) / Math.Sqrt(share);
                }

                var (largest, sum) = (scores.Max(), 0.0);
                for (var k = 0; k < scores.Length; k++)
                {
                    sum += scores[k] = Math.Exp(scores[k] - largest);
                }

                var answer = result.AsSpan(((start + q) * width) + offset, share);
                for (var k = 0; k < scores.Length; k++)
                {
                    var weight = (float)(scores[k] / sum);
                    var seen = value.AsSpan(((start + (int)first + k) * width) + offset, share);
                    for (var i = 0; i < share; i++)
                    {
                        answer[i] += weight * seen[i];
                    }
                }
            }
        });
        return result;
    }
}
