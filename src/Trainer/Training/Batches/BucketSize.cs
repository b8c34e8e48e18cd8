using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Batches;

/// <summary>A length bucket and the rows of its batches.</summary>
/// <param name="MaxLength">Tokens of a row's longest text at most.</param>
/// <param name="BatchSize">Rows of a batch.</param>
public sealed record BucketSize([property: Range(1, 1_000_000)] int MaxLength, [property: Range(1, 65536)] int BatchSize);
