using System.ComponentModel.DataAnnotations;

namespace Trainer.Encoders.Transformers;

/// <summary>Which kind of transformer.</summary>
public enum TransformerKind
{
    /// <summary>BERT.</summary>
    Bert,

    /// <summary>XLM-RoBERTa: positions start behind the padding token's id.</summary>
    XlmRoberta,
}

/// <summary>Shape of a new transformer; the defaults are MiniLM-L6's.</summary>
public sealed record TransformerOptions
{
    /// <summary>Kind.</summary>
    /// <value>Default: bert.</value>
    public TransformerKind Type { get; init; } = TransformerKind.Bert;

    /// <summary>Width of the hidden states, D; a multiple of <see cref="Heads"/>.</summary>
    /// <value>Default: 384.</value>
    [Range(1, 8192)]
    public int HiddenSize { get; init; } = 384;

    /// <summary>Number of layers.</summary>
    /// <value>Default: 6.</value>
    [Range(1, 100)]
    public int Layers { get; init; } = 6;

    /// <summary>Attention heads per layer.</summary>
    /// <value>Default: 12.</value>
    [Range(1, 256)]
    public int Heads { get; init; } = 12;

    /// <summary>Width of the feed-forward part.</summary>
    /// <value>Default: 1,536.</value>
    [Range(1, 65536)]
    public int IntermediateSize { get; init; } = 1536;

    /// <summary>Tokens a text may have.</summary>
    /// <value>Default: 512.</value>
    [Range(2, 65536)]
    public int MaxLength { get; init; } = 512;

    /// <summary>Dropout of hidden states and of attention weights, while training.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0, 0.9)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Hugging Face's name of the kind.</summary>
    internal string TypeName => Type == TransformerKind.Bert ? TransformerConfig.Bert : TransformerConfig.XlmRoberta;

    /// <summary>The whole configuration.</summary>
    /// <param name="vocabularySize">Entries of the tokenizer.</param>
    /// <param name="padTokenId">Its padding token's id.</param>
    public TransformerConfig ToConfig(int vocabularySize, int padTokenId) => new()
    {
        ModelType = TypeName,
        VocabularySize = vocabularySize,
        HiddenSize = HiddenSize,
        Layers = Layers,
        Heads = Heads,
        IntermediateSize = IntermediateSize,
        MaxPositions = Type == TransformerKind.XlmRoberta ? MaxLength + padTokenId + 1 : MaxLength,
        TokenTypes = Type == TransformerKind.XlmRoberta ? 1 : 2,
        PadTokenId = padTokenId,
        LayerNormEpsilon = Type == TransformerKind.XlmRoberta ? 1e-5 : 1e-12,
        HiddenDropout = Dropout,
        AttentionDropout = Dropout,
    };
}
