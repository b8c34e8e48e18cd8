namespace Trainer.Training.Watching;

/// <summary>The best evaluation so far.</summary>
/// <param name="Step">Its step.</param>
/// <param name="Value">Its value.</param>
public sealed record BestEvaluation(long Step, double Value);
