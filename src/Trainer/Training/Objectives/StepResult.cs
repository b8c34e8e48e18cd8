namespace Trainer.Training.Objectives;

/// <summary>What a step found; where several processes share the batch, of all of them.</summary>
/// <param name="Loss">Loss of the batch.</param>
/// <param name="Parts">Further figures of the loss, by name.</param>
/// <param name="Texts">Texts that were read.</param>
/// <param name="Tokens">Tokens that were read.</param>
public sealed record StepResult(double Loss, IReadOnlyList<(string Name, double Value)> Parts, int Texts = 0, long Tokens = 0);
