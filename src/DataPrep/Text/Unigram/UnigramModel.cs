namespace DataPrep.Text.Unigram;

using DataPrep.Text.WordPiece;

/// <summary>Everything a <see cref="UnigramTokenizer"/> is made of.</summary>
sealed record UnigramModel
{
    /// <summary>Piece by id.</summary>
    public required IReadOnlyList<UnigramPiece> Pieces { get; init; }

    /// <summary>Id of what no piece covers.</summary>
    public required int UnknownId { get; init; }

    /// <summary>Spells unknown characters by the pieces of their UTF-8 bytes, "&lt;0xE2&gt;", where all of them are there.</summary>
    public bool ByteFallback { get; init; }

    /// <summary>Tokens found before the text is split.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Special tokens around one text.</summary>
    public TokenTemplate Single { get; init; } = TokenTemplate.Empty;

    /// <summary>Special tokens around and between two texts; null where pairs are not told.</summary>
    public TokenTemplate? Pair { get; init; }

    /// <summary>Steps from text to normalized text.</summary>
    public IReadOnlyList<TextNormalizer> Normalizers { get; init; } = [];

    /// <summary>Splits at white space, which is dropped, before the spaces are marked.</summary>
    public bool WhitespaceSplit { get; init; }

    /// <summary>Character that stands for a space. Default U+2581.</summary>
    public char Mark { get; init; } = '\u2581';

    /// <summary>Where a mark is set without a space.</summary>
    public PrependScheme Prepend { get; init; }

    /// <summary>Splits before each mark; else a text is searched as a whole.</summary>
    public bool SplitAtMarks { get; init; } = true;

    /// <summary>Most tokens by the file's own truncation; null where it has none.</summary>
    public int? MaxLength { get; init; }
}
