namespace Trainer.Training;

/// <summary>Seeded samples and orders.</summary>
public static class Sample
{
    /// <summary><paramref name="count"/> items drawn without replacement (all, where there are no more), in drawn order (Fisher and Yates).</summary>
    /// <param name="items">What is drawn from.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="stream">Name of the draw: different names give independent samples of one seed.</param>
    public static IReadOnlyList<T> Take<T>(IReadOnlyList<T> items, int count, long seed, string stream)
    {
        var order = items.ToArray();
        var random = new SplitMix64(SplitMix64.Key(seed, stream));
        count = Math.Min(count, order.Length);
        for (var i = 0; i < count; i++)
        {
            var j = i + random.Below(order.Length - i);
            (order[i], order[j]) = (order[j], order[i]);
        }

        return order[..count];
    }
}
