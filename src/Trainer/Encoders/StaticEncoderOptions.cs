using System.ComponentModel.DataAnnotations;

namespace Trainer.Encoders;

/// <summary>Options of a new static encoder.</summary>
public sealed record StaticEncoderOptions
{
    /// <summary>Length of the embeddings, D.</summary>
    /// <value>Default: 256.</value>
    [Range(1, 8192)]
    public int Dimensions { get; init; } = 256;

    /// <summary>Standard deviation of the initial table; null for D^-0.5, which makes rows about one long.</summary>
    /// <value>Default: null.</value>
    [Range(1e-6, 100)]
    public double? InitialDeviation { get; init; }

    /// <summary>Starts each token's weight at its inverse document frequency (mean one) in the training passages, instead of at one.</summary>
    /// <value>Default: false.</value>
    public bool IdfWeights { get; init; }

    /// <summary>Gives queries a token weight of their own on top of the shared one.</summary>
    /// <value>Default: false.</value>
    public bool QueryWeights { get; init; }

    /// <summary>Scales embeddings to length one, so that dot products are cosines.</summary>
    /// <value>Default: true.</value>
    public bool Normalize { get; init; } = true;
}
