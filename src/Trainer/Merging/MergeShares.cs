namespace Trainer.Merging;

/// <summary>How much each of several models counts in their mean.</summary>
public static class MergeShares
{
    /// <summary>Weights scaled so that they add up to 1.</summary>
    /// <exception cref="TrainerException">Fewer than two, one is negative or no number, or all are 0.</exception>
    public static IReadOnlyList<double> Normalize(IReadOnlyList<double> weights)
    {
        var sum = weights.Sum();
        return weights.Count >= 2 && weights.All(w => double.IsFinite(w) && w >= 0) && sum > 0 && double.IsFinite(sum)
            ? [.. weights.Select(w => w / sum)]
            : throw new TrainerException($"Weights {string.Join(", ", weights)} cannot be used for merging: expected one per model, for two models or more, none negative and not all 0.");
    }

    /// <summary>Weights by how well each model does on some examples: softmax(-loss / temperature), as LM-Cocktail does (Xiao et al. 2023, arXiv:2311.13534).</summary>
    /// <param name="losses">Each model's loss on the same examples.</param>
    /// <param name="temperature">Large ones make the weights alike.</param>
    /// <exception cref="TrainerException">A loss is no number.</exception>
    public static IReadOnlyList<double> FromLosses(IReadOnlyList<double> losses, double temperature = 5)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        if (!losses.All(double.IsFinite))
        {
            throw new TrainerException($"Losses {string.Join(", ", losses)} give no weights for merging: expected numbers.");
        }

        var least = losses.Min();
        return Normalize([.. losses.Select(l => Math.Exp((least - l) / temperature))]);
    }
}
