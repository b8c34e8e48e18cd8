namespace DataPrep.Text.Bpe;

/// <summary>How text becomes words before pairs are merged.</summary>
public sealed record BpeSettings
{
    /// <summary>How text is split into words. Default GPT-2's.</summary>
    public BpeWords Words { get; init; } = BpeWords.Gpt2;

    /// <summary>Sets a blank before a text that has none, so that a first word reads like any other. Only for GPT-2's words. Null, the default: where it can be.</summary>
    public bool? AddPrefixSpace { get; init; }

    /// <summary>Lower case, character by character. Default false.</summary>
    public bool Lowercase { get; init; }

    internal bool AddsPrefixSpace => AddPrefixSpace ?? (Words == BpeWords.Gpt2);
}
