namespace Trainer.Training.Watching;

/// <summary>
/// Where early stopping stands, by the rules of Hugging Face: an evaluation improves when it is better than the best so far and differs from it by more than the threshold;
/// the best itself moves with every better value, however small the step.
/// </summary>
/// <param name="Best">Best value so far; null before the first.</param>
/// <param name="Waited">Evaluations since the last improvement.</param>
public sealed record EarlyStoppingState(double? Best = null, int Waited = 0)
{
    /// <summary>The state after one more value, and whether patience has run out.</summary>
    /// <param name="value">The value; NaN never improves.</param>
    /// <param name="lowerIsBetter">Whether it is a loss.</param>
    /// <param name="options">Patience and threshold.</param>
    public (EarlyStoppingState State, bool Stop) After(double value, bool lowerIsBetter, EarlyStoppingOptions options)
    {
        var better = Best is not { } best || (lowerIsBetter ? value < best : value > best);
        var improved = Best is not { } before || (better && Math.Abs(value - before) > options.Threshold);
        var waited = improved ? 0 : Waited + 1;
        return (new EarlyStoppingState(better ? value : Best, waited), options.Patience is { } patience && waited >= patience);
    }
}
