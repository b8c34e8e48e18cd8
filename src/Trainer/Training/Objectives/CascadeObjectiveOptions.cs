using System.ComponentModel.DataAnnotations;
using Trainer.Heads;
using Trainer.Losses;

namespace Trainer.Training.Objectives;

/// <summary>Options of training a cascade of cross-encoder, late interaction and dual encoder (ERNIE-Search, Lu and others 2022).</summary>
public sealed record CascadeObjectiveOptions
{
    /// <summary>Hard negatives drawn of each row's, anew each epoch; rows with fewer give what they have.</summary>
    /// <value>Default: 7.</value>
    [Range(1, 1023)]
    public int Negatives { get; init; } = 7;

    /// <summary>Tokens kept of the cross-encoder's pairs, special ones included; the longer text is cut first.</summary>
    /// <value>Default: as many as it has positions.</value>
    [Range(8, 65536)]
    public int? MaxLength { get; init; }

    /// <summary>Weights, temperatures and gradients of the terms.</summary>
    /// <value>Default: all alike, as in the paper.</value>
    public CascadeOptions Terms { get; init; } = new();

    /// <summary>Late interaction's scores are divided by it before all softmaxes.</summary>
    /// <value>Default: 1.</value>
    [Range(1e-4, 1000)]
    public double LateTemperature { get; init; } = 1;

    /// <summary>The dual encoder's scores are divided by it before all softmaxes.</summary>
    /// <value>Default: 1, which goes with inner products; cosines want about 0.02.</value>
    [Range(1e-4, 1000)]
    public double DualTemperature { get; init; } = 1;

    /// <summary>Whether the dual encoder's scores are cosines rather than inner products.</summary>
    /// <value>Default: false, as RocketQA and ERNIE-Search have it.</value>
    public bool DualCosine { get; init; }

    /// <summary>How late interaction counts padding and length.</summary>
    /// <value>Default: sentence_transformers.</value>
    public MaxSimConvention LateConvention { get; init; } = MaxSimConvention.SentenceTransformers;

    /// <summary>Whether the cross-encoder is a classifier over the encoder that is trained, rather than another transformer.</summary>
    /// <value>Default: false.</value>
    public bool SharedWeights { get; init; }

    /// <summary>Takes the cross-encoder's scores from the rows (a rescore stage) rather than from one that learns along; candidates without a score teach nothing. The attention term's weight must be 0.</summary>
    /// <value>Default: false.</value>
    public bool Precomputed { get; init; }
}
