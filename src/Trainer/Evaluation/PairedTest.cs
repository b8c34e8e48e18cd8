using System.Numerics;
using Trainer.Training;

namespace Trainer.Evaluation;

/// <summary>
/// Fisher's randomisation test of paired values (Smucker, Allan and Carterette, CIKM 2007): where both systems are equally good, each query's difference might as well have the other sign. The p-value is the share of all
/// assignments of signs whose mean difference is not above the one found. With few queries all assignments are counted; else they are drawn, and the one found counts as one of them (Phipson and Smyth 2010).
/// </summary>
public static class PairedTest
{
    // Sums in another order differ by rounding: what is this near is equal.
    const double Tie = 1e-12;

    /// <summary>Tests whether a candidate is worse than the current system by more than a margin.</summary>
    /// <param name="candidate">One value per query, higher is better.</param>
    /// <param name="current">The other system's values, same queries in the same order.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="resamples">Assignments drawn; all are counted where they are no more than these.</param>
    /// <param name="margin">What the candidate may be worse by.</param>
    /// <exception cref="ArgumentException">The lists differ in length or are empty.</exception>
    public static PairedComparison Worse(ReadOnlySpan<double> candidate, ReadOnlySpan<double> current, long seed, int resamples = 10_000, double margin = 0)
    {
        if (candidate.Length != current.Length || candidate.Length == 0)
        {
            throw new ArgumentException($"Found {candidate.Length} and {current.Length} values; a paired test needs the same queries, at least one.", nameof(current));
        }

        var (better, worse) = (0, 0);
        var shifted = new List<double>();
        for (var i = 0; i < candidate.Length; i++)
        {
            var difference = candidate[i] - current[i];
            better += difference > 0 ? 1 : 0;
            worse += difference < 0 ? 1 : 0;
            if (difference + margin != 0)
            {
                shifted.Add(difference + margin);
            }
        }

        var exact = shifted.Count < 31 && 1L << shifted.Count <= resamples;
        return new PairedComparison(
            candidate.Length, Mean(candidate), Mean(current), Bootstrap.PairedDifference(candidate, current, seed), exact ? Counted(shifted) : Drawn(shifted, seed, resamples),
            better, worse, candidate.Length - better - worse, exact);
    }

    static double Counted(List<double> differences)
    {
        // Gray code: each assignment differs from the one before in one sign.
        var all = 1L << differences.Count;
        var (observed, tie) = (differences.Sum(), Tie * differences.Sum(Math.Abs));
        var (sum, below, flipped) = (observed, 1L, 0L);
        for (var i = 1L; i < all; i++)
        {
            var at = BitOperations.TrailingZeroCount(i);
            sum += (flipped >> at & 1) == 0 ? -2 * differences[at] : 2 * differences[at];
            flipped ^= 1L << at;
            below += sum <= observed + tie ? 1 : 0;
        }

        return below / (double)all;
    }

    static double Drawn(List<double> differences, long seed, int resamples)
    {
        var random = new SplitMix64(SplitMix64.Key(seed, "signs"));
        var (observed, tie, below) = (differences.Sum(), Tie * differences.Sum(Math.Abs), 1L);
        for (var r = 0; r < resamples; r++)
        {
            var (sum, bits) = (0.0, 0UL);
            for (var i = 0; i < differences.Count; i++)
            {
                bits = i % 64 == 0 ? random.Next() : bits >> 1;
                sum += (bits & 1) == 0 ? differences[i] : -differences[i];
            }

            below += sum <= observed + tie ? 1 : 0;
        }

        return below / (resamples + 1.0);
    }

    static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (var value in values)
        {
            sum += value;
        }

        return sum / values.Length;
    }
}
