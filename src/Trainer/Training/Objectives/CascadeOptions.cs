using System.ComponentModel.DataAnnotations;
using Trainer.Heads;

namespace Trainer.Training.Objectives;

/// <summary>
/// Options of ERNIE-Search's cascade (Lu and others 2022): a cross-encoder, late interaction and a dual encoder learn together, each from labels and from those before it. The paper weighs all terms alike.
/// </summary>
public sealed record CascadeOptions
{
    /// <summary>Hard negatives drawn of each row's, anew each epoch; rows with fewer give what they have.</summary>
    /// <value>Default: 7.</value>
    [Range(1, 1023)]
    public int Negatives { get; init; } = 7;

    /// <summary>Tokens kept of the cross-encoder's pairs, special ones included; the longer text is cut first.</summary>
    /// <value>Default: as many as it has positions.</value>
    [Range(8, 65536)]
    public int? MaxLength { get; init; }

    /// <summary>Weight of the cross-encoder's label loss. Without effect where its scores are precomputed.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double CrossWeight { get; init; } = 1;

    /// <summary>Weight of late interaction's label loss.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double LateWeight { get; init; } = 1;

    /// <summary>Weight of the dual encoder's label loss.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double DenseWeight { get; init; } = 1;

    /// <summary>The cross-encoder teaches late interaction: the largest contribution in the paper.</summary>
    /// <value>Default: weight 1, temperature 1, no gradient to the teacher.</value>
    public CascadeArrow CrossToLate { get; init; } = new();

    /// <summary>Late interaction teaches the dual encoder.</summary>
    /// <value>Default: weight 1, temperature 1, no gradient to the teacher.</value>
    public CascadeArrow LateToDense { get; init; } = new();

    /// <summary>The cross-encoder teaches the dual encoder.</summary>
    /// <value>Default: weight 1, temperature 1, no gradient to the teacher.</value>
    public CascadeArrow CrossToDense { get; init; } = new();

    /// <summary>The attention of the cross-encoder's last layer, from the query's tokens to the passage's, teaches late interaction's. Needs a cross-encoder that runs: weight 0 with precomputed scores.</summary>
    /// <value>Default: weight 1, temperature 1, no gradient to the teacher.</value>
    public CascadeArrow Attention { get; init; } = new();

    /// <summary>Late interaction's scores are divided by it before all softmaxes.</summary>
    /// <value>Default: 1.</value>
    [Range(1e-4, 1000)]
    public double LateTemperature { get; init; } = 1;

    /// <summary>The dual encoder's scores are divided by it before all softmaxes.</summary>
    /// <value>Default: 1, which goes with inner products; cosines want about 0.02.</value>
    [Range(1e-4, 1000)]
    public double DenseTemperature { get; init; } = 1;

    /// <summary>Whether the dual encoder's scores are cosines rather than inner products.</summary>
    /// <value>Default: false, as RocketQA and ERNIE-Search have it.</value>
    public bool DenseCosine { get; init; }

    /// <summary>How late interaction counts padding and length.</summary>
    /// <value>Default: sentence_transformers.</value>
    public MaxSimConvention LateConvention { get; init; } = MaxSimConvention.SentenceTransformers;

    /// <summary>Whether the cross-encoder is a classifier over the encoder that is trained, rather than another transformer.</summary>
    /// <value>Default: false.</value>
    public bool SharedWeights { get; init; }

    /// <summary>Takes the cross-encoder's scores from the rows (a rescore stage) rather than from one that learns along.</summary>
    /// <value>Default: false.</value>
    public bool Precomputed { get; init; }
}
