namespace Trainer.Training.Batches;

/// <summary>What batch sizes were found for.</summary>
/// <param name="Device">Name of the device.</param>
/// <param name="Model">Digest of the initial model, or of the options of a new one.</param>
/// <param name="Precision">Precision of the encoder: fp32, bf16.</param>
/// <param name="Setup">What else moves memory, in words or as a digest: negatives, gradient caching, activation checkpointing, budget.</param>
public sealed record TuningKey(string Device, string Model, string Precision, string Setup);
