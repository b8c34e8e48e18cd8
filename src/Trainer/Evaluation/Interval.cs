namespace Trainer.Evaluation;

/// <summary>A mean and its confidence interval.</summary>
/// <param name="Mean">The mean of the values themselves.</param>
/// <param name="Low">Lower bound.</param>
/// <param name="High">Upper bound.</param>
public readonly record struct Interval(double Mean, double Low, double High);
