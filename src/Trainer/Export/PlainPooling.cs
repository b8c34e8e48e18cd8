namespace Trainer.Export;

/// <summary>sentence-transformers' pooling of one text, by the key of its configuration.</summary>
static class PlainPooling
{
    /// <summary>Hidden states (L, D) to one vector (D).</summary>
    public static float[] Pool(ReadOnlySpan<float> states, int width, string mode)
    {
        var length = states.Length / width;
        var (sums, weights) = (new double[width], 0.0);
        var largest = Enumerable.Repeat(float.NegativeInfinity, width).ToArray();
        for (var t = 0; t < length; t++)
        {
            var weight = mode == "pooling_mode_weightedmean_tokens" ? t + 1 : 1;
            weights += weight;
            for (var i = 0; i < width; i++)
            {
                var value = states[(t * width) + i];
                sums[i] += (double)value * weight;
                largest[i] = Math.Max(largest[i], value);
            }
        }

        return mode switch
        {
            "pooling_mode_cls_token" => states[..width].ToArray(),
            "pooling_mode_lasttoken" => states[^width..].ToArray(),
            "pooling_mode_max_tokens" => largest,
            "pooling_mode_mean_sqrt_len_tokens" => Array.ConvertAll(sums, s => (float)(s / Math.Sqrt(length))),
            "pooling_mode_mean_tokens" or "pooling_mode_weightedmean_tokens" => Array.ConvertAll(sums, s => (float)(s / weights)),
            _ => throw new TrainerException($"{SentenceTransformersFiles.PoolingConfig} says {mode}, which is no way of pooling."),
        };
    }
}
