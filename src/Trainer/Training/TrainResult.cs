using Trainer.Encoders.Pretrained;

namespace Trainer.Training;

/// <summary>How a training ended.</summary>
/// <param name="Steps">Optimizer steps in all.</param>
/// <param name="ResumedAt">Step it was resumed at; 0 where it started anew.</param>
/// <param name="Loss">Training loss of the last step.</param>
/// <param name="DevMetric">nDCG@10 on dev queries at the end; null without them.</param>
/// <param name="BestStep">Step of the best evaluation; -1 without one.</param>
/// <param name="ModelDigest">Digest of the model's files.</param>
/// <param name="Contradictions">What the job changed about its initial model.</param>
public sealed record TrainResult(int Steps, int ResumedAt, double Loss, double? DevMetric, int BestStep, string ModelDigest, IReadOnlyList<Contradiction> Contradictions);
