namespace DataPrep.Text.WordPiece;

/// <summary>Everything a <see cref="WordPieceTokenizer"/> is made of.</summary>
public sealed record WordPieceModel
{
    /// <summary>Piece by id; null where an id has no piece.</summary>
    public required IReadOnlyList<string?> Pieces { get; init; }

    /// <summary>Tokens found in raw text.</summary>
    public IReadOnlyList<AddedToken> AddedTokens { get; init; } = [];

    /// <summary>Ids set before a text: [CLS].</summary>
    public IReadOnlyList<int> Prefix { get; init; } = [];

    /// <summary>Ids set after a text: [SEP].</summary>
    public IReadOnlyList<int> Suffix { get; init; } = [];

    /// <summary>Most ids by the file's own truncation; null where it has none.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Special tokens around and between two texts; null where pairs are not told.</summary>
    internal TokenTemplate? Pair { get; init; }

    /// <summary>How text becomes words.</summary>
    public WordPieceSettings Settings { get; init; } = new();

    /// <summary>Piece of a word that has no pieces. Default "[UNK]".</summary>
    public string UnknownToken { get; init; } = "[UNK]";

    /// <summary>Marks the pieces that go on a word. Default "##".</summary>
    public string ContinuationPrefix { get; init; } = "##";

    /// <summary>BERT's five special tokens in the order a trained vocabulary starts with.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

    /// <summary>A model of pieces that hold BERT's special tokens at any ids: they become added tokens, [CLS] and [SEP] go around a text.</summary>
    /// <exception cref="DataPrepException">[CLS] or [SEP] is missing.</exception>
    public static WordPieceModel Bert(IReadOnlyList<string?> pieces, WordPieceSettings settings)
    {
        var tokens = new List<AddedToken>();
        for (var id = 0; id < pieces.Count; id++)
        {
            if (pieces[id] is { } piece && SpecialTokens.Contains(piece))
            {
                tokens.Add(new AddedToken(id, piece));
            }
        }

        int Id(string content) => tokens.FirstOrDefault(token => token.Content == content)?.Id
            ?? throw new DataPrepException($"The vocabulary of {pieces.Count} pieces has no \"{content}\". Expected a BERT vocabulary, which holds {string.Join(", ", SpecialTokens)}.");
        var (cls, sep) = (Id("[CLS]"), Id("[SEP]"));
        var pair = new TokenTemplate([cls], [sep], [sep]) { SecondType = 1, SuffixTypes = [1] };
        return new WordPieceModel { Pieces = pieces, AddedTokens = tokens, Prefix = [cls], Suffix = [sep], Pair = pair, Settings = settings };
    }
}
