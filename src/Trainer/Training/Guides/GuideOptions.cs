using Trainer.Encoders;

namespace Trainer.Training.Guides;

/// <summary>How a guide is used: the model whose similarities say which candidates of a batch are likely positives that nobody judged.</summary>
public sealed record GuideOptions
{
    /// <summary>Allows the model that training starts from to be its own guide. It tells what it believes already: its mistakes pass as truth.</summary>
    /// <value>Default: false.</value>
    public bool SelfGuide { get; init; }

    /// <summary>Numbers that a guide in memory computes with.</summary>
    /// <value>Default: fp32.</value>
    public Precision Precision { get; init; } = Precision.Fp32;
}
