using System.Globalization;

namespace Trainer.Training.Optimization;

/// <summary>A learning rate and how it came about.</summary>
/// <param name="Rate">The rate.</param>
/// <param name="Sentence">In words, for the log and the report.</param>
public sealed record DerivedLearningRate(double Rate, string Sentence);

/// <summary>Carries a learning rate from the batch it was found at to the batch of this training.</summary>
public static class LearningRateScaling
{
    /// <summary>rate · (B / B₀) to the power of 0, 1/2 or 1: 5e-5 at 64 gives 5.657e-4 at 8,192 by the square root.</summary>
    /// <param name="rate">Rate at the reference.</param>
    /// <param name="batch">Batch of this training, B.</param>
    /// <param name="reference">Rows of the batch that the rate was found at, B₀.</param>
    /// <param name="rule">The rule.</param>
    public static DerivedLearningRate Derive(double rate, LogicalBatch batch, int reference, ScalingRule rule)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(reference, 1);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batch.Rows);
        var ratio = batch.Rows / reference;
        var derived = rule switch
        {
            ScalingRule.Sqrt => rate * Math.Sqrt(ratio),
            ScalingRule.Linear => rate * ratio,
            _ => rate,
        };
        if (rule == ScalingRule.None)
        {
            return new(rate, $"Learning rate {Text(rate)}, as given (lr_scaling none); the batch is {batch.Words}.");
        }

        var (before, after) = rule == ScalingRule.Sqrt ? ("√(", ")") : ("", "");
        return new(derived,
            $"Learning rate {Text(derived)} = {Text(rate)} · {before}{LogicalBatch.Count(batch.Rows)} / {LogicalBatch.Count(reference)}{after} (lr_scaling {(rule == ScalingRule.Sqrt ? "sqrt" : "linear")}, reference_batch {LogicalBatch.Count(reference)}); "
            + $"the batch is {batch.Words}: all that meet in one loss, whatever the mini-batch; gradient accumulation does not count.");
    }

    /// <summary>As <see cref="Derive(double, LogicalBatch, int, ScalingRule)"/>, for one batch size.</summary>
    public static DerivedLearningRate Derive(double rate, int batch, int reference, ScalingRule rule) => Derive(rate, LogicalBatch.Of(batch), reference, rule);

    static string Text(double rate) => rate.ToString("0.####e-0", CultureInfo.InvariantCulture);
}
