namespace DataPrep.Text.WordPiece;

/// <summary>How text becomes words before pieces are matched: BERT's normalizer and pre-tokenizer (Devlin et al., 2018), with the defaults of Hugging Face's BertNormalizer.</summary>
public sealed record WordPieceSettings
{
    /// <summary>Drops control characters and U+FFFD and makes every white space a space. Default true.</summary>
    public bool CleanText { get; init; } = true;

    /// <summary>Makes each CJK ideograph a word of its own. Default true.</summary>
    public bool HandleChineseChars { get; init; } = true;

    /// <summary>Decomposes characters (NFD) and drops the non-spacing marks. Null, the default, follows <see cref="Lowercase"/>.</summary>
    public bool? StripAccents { get; init; }

    /// <summary>Lower case, character by character. Default true.</summary>
    public bool Lowercase { get; init; } = true;

    /// <summary>
    /// Splits identifiers before lower-casing, at changes of ASCII case and between ASCII letters and digits: "HashMap2XMLNode" reads as "hash map 2 xml node". Default false.
    /// In tokenizer.json it is a Replace normalizer with <see cref="IdentifierBoundary"/>, so Hugging Face tokenizers reads the same ids.
    /// </summary>
    public bool SplitIdentifiers { get; init; }

    /// <summary>A word of more characters (code points) than this is unknown as a whole. Default 100.</summary>
    public int MaxWordLength { get; init; } = 100;

    /// <summary>The places <see cref="SplitIdentifiers"/> splits at, as the regular expression written to tokenizer.json.</summary>
    public const string IdentifierBoundary = "(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Z])(?=[0-9])";

    internal bool StripsAccents => StripAccents ?? Lowercase;
}
