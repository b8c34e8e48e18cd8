using System.ComponentModel.DataAnnotations;

namespace Trainer.Encoders;

/// <summary>What a new table holds.</summary>
public enum TableInit
{
    /// <summary>Each row is nine tenths (of its energy) a sum of vectors of the token's character n-grams: words that look alike start alike. See <see cref="NgramTable"/>.</summary>
    Ngram,

    /// <summary>Every component is drawn alone, as PyTorch draws it.</summary>
    Normal,
}

/// <summary>What queries have of their own.</summary>
public enum QuerySide
{
    /// <summary>Nothing: both sides share table and weights.</summary>
    Shared,

    /// <summary>Token weights on top of the shared ones.</summary>
    Weights,

    /// <summary>A table and token weights, which start as the passages' do.</summary>
    Table,
}

/// <summary>Options of a new static encoder.</summary>
public sealed record StaticEncoderOptions
{
    /// <summary>Length of the embeddings, D.</summary>
    /// <value>Default: 256.</value>
    [Range(1, 8192)]
    public int Dimensions { get; init; } = 256;

    /// <summary>What the table holds at first.</summary>
    /// <value>Default: ngram.</value>
    public TableInit Init { get; init; } = TableInit.Ngram;

    /// <summary>Standard deviation of the initial table; null for D^-0.5, which makes rows about one long.</summary>
    /// <value>Default: null.</value>
    [Range(1e-6, 100)]
    public double? InitialDeviation { get; init; }

    /// <summary>Starts each token's weight at its inverse document frequency (mean one) in the training passages, instead of at one.</summary>
    /// <value>Default: false.</value>
    public bool IdfWeights { get; init; }

    /// <summary>What queries have of their own.</summary>
    /// <value>Default: shared.</value>
    public QuerySide QuerySide { get; init; } = QuerySide.Shared;

    /// <summary>Scales embeddings to length one, so that dot products are cosines.</summary>
    /// <value>Default: true.</value>
    public bool Normalize { get; init; } = true;
}
