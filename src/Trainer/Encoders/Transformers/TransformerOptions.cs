using System.ComponentModel.DataAnnotations;

namespace Trainer.Encoders.Transformers;

/// <summary>Which kind of transformer.</summary>
public enum TransformerKind
{
    /// <summary>BERT.</summary>
    Bert,

    /// <summary>XLM-RoBERTa: positions start behind the padding token's id.</summary>
    XlmRoberta,

    /// <summary>ModernBERT: rotary positions, gated feed-forward parts, and a window in most layers, so that texts may be long.</summary>
    Modernbert,
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

    /// <summary>For modernbert: every so many layers, the first among them, one attends to whole texts, the others to a window.</summary>
    /// <value>Default: 3.</value>
    [Range(1, 100)]
    public int GlobalEvery { get; init; } = 3;

    /// <summary>For modernbert: width of the window in tokens, half of it to either side.</summary>
    /// <value>Default: 128.</value>
    [Range(2, 65536)]
    public int Window { get; init; } = 128;

    /// <summary>Hugging Face's name of the kind.</summary>
    internal string TypeName => Type switch
    {
        TransformerKind.XlmRoberta => TransformerConfig.XlmRoberta,
        TransformerKind.Modernbert => TransformerConfig.ModernBert,
        _ => TransformerConfig.Bert,
    };

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
        TokenTypes = Type == TransformerKind.Bert ? 2 : 1,
        PadTokenId = padTokenId,
        LayerNormEpsilon = Type == TransformerKind.Bert ? 1e-12 : 1e-5,
        HiddenDropout = Dropout,
        AttentionDropout = Dropout,
        Modern = Type == TransformerKind.Modernbert ? new ModernBertShape { GlobalEvery = GlobalEvery, Window = Window, MlpDropout = Dropout } : null,
    };
}
