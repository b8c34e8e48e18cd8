using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Objectives;

/// <summary>Options of training a cross-encoder.</summary>
public sealed record CrossEncoderOptions
{
    /// <summary>Hard negatives drawn of each row's, anew each epoch; rows with fewer give what they have.</summary>
    /// <value>Default: 7.</value>
    [Range(1, 1023)]
    public int Negatives { get; init; } = 7;

    /// <summary>Tokens kept of a pair, special ones included; the longer text is cut first.</summary>
    /// <value>Default: as many as the model has positions.</value>
    [Range(8, 65536)]
    public int? MaxLength { get; init; }

    /// <summary>How it learns which candidate is the positive.</summary>
    /// <value>Default: list_wise.</value>
    public CrossEncoderLabels Labels { get; init; } = CrossEncoderLabels.ListWise;

    /// <summary>Weight of the labels' loss.</summary>
    /// <value>Default: 1.</value>
    [Range(0, 1000)]
    public double LabelWeight { get; init; } = 1;

    /// <summary>Weight of the positives in the point-wise loss; about the number of negatives evens both out.</summary>
    /// <value>Default: 1.</value>
    [Range(1e-6, 1e6)]
    public double PositiveWeight { get; init; } = 1;

    /// <summary>Weight of the divergence from a teacher's scores of the same candidates; 0 for no teacher.</summary>
    /// <value>Default: 0.</value>
    [Range(0, 1000)]
    public double DistillWeight { get; init; }

    /// <summary>Temperature of teacher and student in that divergence.</summary>
    /// <value>Default: 1.</value>
    [Range(1e-4, 1000)]
    public double DistillTemperature { get; init; } = 1;

    /// <summary>R-Drop: weight of the divergence between two passes with other dropout; 0 for one pass. SimLM's re-ranker takes 1. List-wise alone.</summary>
    /// <value>Default: 0.</value>
    [Range(0, 1000)]
    public double RDrop { get; init; }

    /// <summary>
    /// Scores all candidates of a row without a gradient and trains on the highest (candidates / this) of them, the positive among them whatever its score (SimLM's <c>rerank_forward_factor</c>). 1 trains on all.
    /// </summary>
    /// <value>Default: 1.</value>
    [Range(1, 128)]
    public int ForwardFactor { get; init; } = 1;
}
