using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Bpe;

/// <summary>Everything a <see cref="BpeTokenizer"/> is made of.</summary>
sealed record BpeModel
{
    /// <summary>Id by piece; each id once.</summary>
    public required Dictionary<string, int> Pieces { get; init; }

    /// <summary>Pairs of pieces that are merged, the first first.</summary>
    public required IReadOnlyList<(string Left, string Right)> Merges { get; init; }

    /// <summary>Piece of a character that has none; null where such are left out.</summary>
    public string? UnknownToken { get; init; }

    /// <summary>Makes unknown characters in a row one unknown token.</summary>
    public bool FuseUnknown { get; init; }

    /// <summary>Marks the characters that go on a word: "##". Default none.</summary>
    public string ContinuationPrefix { get; init; } = string.Empty;

    /// <summary>Marks the last character of a word: "&lt;/w&gt;". Default none.</summary>
    public string EndOfWordSuffix { get; init; } = string.Empty;

    /// <summary>Spells unknown characters by the pieces of their UTF-8 bytes, "&lt;0xE2&gt;", where all of them are there.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Takes a word that is a piece as it is, without merging.</summary>
    public bool IgnoreMerges { get; init; }

    /// <summary>Spells words by <see cref="ByteLevelAlphabet"/>.</summary>
    public bool ByteLevel { get; init; }

    /// <summary>Tokens found before the text is split.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Steps from text to normalized text.</summary>
    public IReadOnlyList<TextNormalizer> Normalizers { get; init; } = [];

    /// <summary>Steps from normalized text to words.</summary>
    public IReadOnlyList<WordStep> Words { get; init; } = [];

    /// <summary>Special tokens around one text.</summary>
    public TokenTemplate Single { get; init; } = TokenTemplate.Empty;

    /// <summary>Special tokens around and between two texts; null where pairs are not told.</summary>
    public TokenTemplate? Pair { get; init; } = TokenTemplate.Joined;

    /// <summary>Most tokens by the file's own truncation; null where it has none.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Id that pads by the file's own padding; null where it has none.</summary>
    public int? PadId { get; init; }

    /// <summary>Token that pads by the configuration beside the file; null where it names none.</summary>
    public string? PadToken { get; init; }
}
