using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Objectives;

/// <summary>Options of masked-language training (Devlin and others 2019). The defaults are those of BERT and of Hugging Face's collator.</summary>
public sealed record MaskedLanguageOptions
{
    /// <summary>Share of tokens that are to be found again; special tokens are never among them.</summary>
    /// <value>Default: 0.15.</value>
    [Range(0.01, 0.9)]
    public double Probability { get; init; } = 0.15;

    /// <summary>Draws whole words: all tokens of a word or none.</summary>
    /// <value>Default: false.</value>
    public bool WholeWords { get; init; }

    /// <summary>Share of the drawn tokens in whose place the mask token stands.</summary>
    /// <value>Default: 0.8.</value>
    [Range(0, 1)]
    public double MaskShare { get; init; } = 0.8;

    /// <summary>Share of the drawn tokens in whose place a random token stands; the rest stays as it is.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0, 1)]
    public double RandomShare { get; init; } = 0.1;
}
