using System.ComponentModel.DataAnnotations;
using Trainer.Encoders;

namespace Trainer.Evaluation;

/// <summary>How a cross-encoder is measured: it orders anew what a first search found.</summary>
public sealed record RerankOptions
{
    /// <summary>Results of each query that it orders; the rest keep their order behind them.</summary>
    /// <value>Default: 100.</value>
    [Range(2, 10_000)]
    public int Depth { get; init; } = 100;

    /// <summary>Tokens kept of a pair, special ones included; the longer text is cut first.</summary>
    /// <value>Default: as many as the cross-encoder has positions.</value>
    [Range(8, 65536)]
    public int? MaxLength { get; init; }

    /// <summary>Numbers that the cross-encoder computes with.</summary>
    /// <value>Default: fp32.</value>
    public Precision Precision { get; init; } = Precision.Fp32;
}
