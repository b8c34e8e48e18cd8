using Trainer.Encoders;

namespace Trainer.Export;

/// <summary>Compares a model with what was written of it: every other text as a query, the rest as passages.</summary>
static class ExportCheck
{
    /// <summary>Largest difference of a component that passes, over the embedding's length where that is above one: the rounding of 32-bit sums of a deep encoder.</summary>
    public const double Tolerance = 1e-5;

    /// <summary>Embeds the texts both ways.</summary>
    /// <param name="model">The model.</param>
    /// <param name="folder">The written folder.</param>
    /// <param name="texts">The texts.</param>
    /// <param name="directionOnly">Compares directions: the folder's embeddings have another length by design.</param>
    /// <param name="threads">Threads at most.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <returns>The largest difference.</returns>
    /// <exception cref="TrainerException">They differ, or one is not finite.</exception>
    public static double Compare(EmbeddingModel model, string folder, IReadOnlyList<string> texts, bool directionOnly, int threads, CancellationToken cancellationToken)
    {
        var reader = new PlainReader(folder, threads);
        double largest = 0;
        foreach (var role in new[] { TextRole.Query, TextRole.Passage })
        {
            var share = texts.Where((_, i) => i % 2 == (role == TextRole.Query ? 1 : 0)).ToList();
            var (expected, found) = (model.Encode(share, role, threads, cancellationToken: cancellationToken), reader.Encode(share, role, cancellationToken));
            for (var i = 0; i < share.Count; i++)
            {
                var difference = Difference(expected[i], found[i], directionOnly);
                if (!(difference <= Tolerance))
                {
                    throw new TrainerException(
                        $"The exported folder was read again and embeds a {role.ToString().ToLowerInvariant()} otherwise than the model: the components differ by up to {difference:G3}, expected at most {Tolerance:G1}. " +
                        $"The text: '{(share[i].Length > 80 ? share[i][..80] + "..." : share[i])}'. Nothing was published; this is a fault of the program, or of the machine.");
                }

                largest = Math.Max(largest, difference);
            }
        }

        return largest;
    }

    static double Difference(float[] expected, float[] found, bool directionOnly)
    {
        if (expected.Length != found.Length)
        {
            return double.PositiveInfinity;
        }

        var (a, b) = (Length(expected), Length(found));
        var (scaleA, scaleB) = directionOnly ? (1 / Math.Max(a, 1e-12), 1 / Math.Max(b, 1e-12)) : (1 / Math.Max(a, 1), 1 / Math.Max(a, 1));
        double largest = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs((expected[i] * scaleA) - (found[i] * scaleB));
            if (!double.IsFinite(difference))
            {
                return double.NaN;
            }

            largest = Math.Max(largest, difference);
        }

        return largest;
    }

    static double Length(float[] vector) => Math.Sqrt(vector.Sum(v => (double)v * v));
}
