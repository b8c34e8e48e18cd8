using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>What a cascade compares: three models' scores of the same candidates of some rows, and how two of them look from query to passage.</summary>
public sealed record CascadeInputs
{
    /// <summary>The cross-encoder's scores, (R, G), the positive's in column 0; from the model, or computed before, and then no number where one is missing.</summary>
    public required Tensor Cross { get; init; }

    /// <summary>Late interaction's scores, (R, G).</summary>
    public required Tensor Late { get; init; }

    /// <summary>The dual encoder's scores, (R, G).</summary>
    public required Tensor Dual { get; init; }

    /// <summary>Rows of the whole batch, B.</summary>
    public required int Count { get; init; }

    /// <summary>Places of the rows without a candidate, (R, G) of Bool; null where all have one.</summary>
    public Tensor? Absent { get; init; }

    /// <summary>The cross-encoder's attention of the last layer, the mean over heads, from the query's tokens to the passage's, (P, Lq, Lp), for P pairs; rows need not add up to 1. Null leaves the term out.</summary>
    public Tensor? CrossAttention { get; init; }

    /// <summary>Inner products of the query's and the passage's vectors of late interaction, (P, Lq, Lp), the same pairs and tokens.</summary>
    public Tensor? LateSimilarities { get; init; }

    /// <summary>Places of both that are tokens, (P, Lq, Lp) of Bool; null where all are.</summary>
    public Tensor? AttentionMask { get; init; }

    /// <summary>Pairs with attention in the whole batch; null for those here.</summary>
    public int? AttentionPairs { get; init; }
}
