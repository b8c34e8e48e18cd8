using Trainer.Heads;

namespace Trainer.Encoders.Pretrained;

/// <summary>How well one way of pooling finds the passages of known pairs.</summary>
/// <param name="Mode">The way of pooling.</param>
/// <param name="Recall1">Share of queries whose own passage is nearest among all passages of the probe, by cosine.</param>
/// <param name="Recall3">Share of queries whose own passage is among the three nearest.</param>
public sealed record PoolingReading(PoolingMode Mode, double Recall1, double Recall3);
