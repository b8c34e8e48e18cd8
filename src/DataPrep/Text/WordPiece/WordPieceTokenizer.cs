using System.Collections.Concurrent;

namespace DataPrep.Text.WordPiece;

/// <summary>
/// BERT's tokenizer: added tokens found in the raw text, BERT's normalizer and pre-tokenizer, greedy longest-match-first pieces, and the special tokens of the template around
/// them. Ids equal those of Hugging Face tokenizers. Thread-safe.
/// </summary>
public sealed class WordPieceTokenizer : ITokenizer
{
    readonly WordPieceVocabulary vocabulary;
    readonly AddedTokenMatcher matcher;
    readonly ConcurrentBag<WordPieceEncoder> encoders = [];
    readonly int[] prefix;
    readonly int[] suffix;

    /// <summary>A tokenizer of pieces in memory; <see cref="WordPieceFiles.Load"/> reads one from files.</summary>
    /// <param name="model">Pieces, special tokens and settings.</param>
    /// <exception cref="DataPrepException">The unknown token is not among the pieces.</exception>
    public WordPieceTokenizer(WordPieceModel model)
    {
        Model = model;
        vocabulary = new WordPieceVocabulary(model.Pieces, model.ContinuationPrefix, model.UnknownToken, model.Settings.MaxWordLength);
        if (vocabulary.UnknownId < 0)
        {
            throw new DataPrepException($"The vocabulary of {model.Pieces.Count} pieces has no \"{model.UnknownToken}\". Expected that piece; add it, or name the unknown token that the vocabulary uses.");
        }

        matcher = new AddedTokenMatcher(model.AddedTokens);
        VocabularySize = Math.Max(model.Pieces.Count, model.AddedTokens.Select(static token => token.Id + 1).DefaultIfEmpty().Max());
        PadId = Math.Max(0, IdOf("[PAD]"));
        (prefix, suffix) = ([.. model.Prefix], [.. model.Suffix]);
    }

    /// <summary>What the tokenizer was made of.</summary>
    public WordPieceModel Model { get; }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int PadId { get; }

    /// <inheritdoc/>
    public int? MaxLength => Model.MaxLength;

    /// <inheritdoc/>
    public int IdOf(string piece) => Model.AddedTokens.FirstOrDefault(token => token.Content == piece)?.Id ?? vocabulary.IdOf(piece);

    /// <inheritdoc/>
    public int[] Encode(string text, int maxLength = int.MaxValue, bool addSpecialTokens = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        var encoder = Rent();
        Fill(encoder, text, maxLength, addSpecialTokens);
        var ids = encoder.Ids.Ids.ToArray();
        encoders.Add(encoder);
        return ids;
    }

    /// <summary>Writes the ids of a text, special tokens included, cut at the length of the destination; allocates nothing once its caches are warm.</summary>
    /// <param name="text">The text.</param>
    /// <param name="destination">Takes the ids.</param>
    /// <param name="addSpecialTokens">Adds the special tokens of the template.</param>
    /// <returns>Number of ids written.</returns>
    public int EncodeTo(ReadOnlySpan<char> text, Span<int> destination, bool addSpecialTokens = true)
    {
        var encoder = Rent();
        Fill(encoder, text, destination.Length, addSpecialTokens);
        encoder.Ids.Ids.CopyTo(destination);
        var count = encoder.Ids.Count;
        encoders.Add(encoder);
        return count;
    }

    /// <inheritdoc/>
    public TokenPair EncodePair(string first, string second, int maxLength = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        var template = Model.Pair ?? throw new DataPrepException("The tokenizer has no template for pairs of texts. Expected a post_processor with a \"pair\" in its tokenizer.json.");

        // Hugging Face stops reading a text at the word that reaches so many ids, special tokens counted in: of two texts beyond it that which goes on further is the longer.
        var encoder = Rent();
        encoder.StopsAtLimit = true;
        var (a, b) = (Bare(encoder, first, maxLength), Bare(encoder, second, maxLength));
        encoder.StopsAtLimit = false;
        encoders.Add(encoder);
        return template.Join(a, b, maxLength);
    }

    int[] Bare(WordPieceEncoder encoder, string text, int limit)
    {
        encoder.Ids.Count = 0;
        Append(encoder, text, limit);
        return encoder.Ids.Ids.ToArray();
    }

    void Fill(WordPieceEncoder encoder, ReadOnlySpan<char> text, int maxLength, bool addSpecialTokens)
    {
        var (before, after) = addSpecialTokens ? (prefix, suffix) : ([], []);
        var limit = Math.Max(before.Length, maxLength - after.Length);
        var ids = encoder.Ids;
        ids.Count = 0;
        ids.AddRange(before);
        Append(encoder, text, limit);
        ids.Count = Math.Min(ids.Count, limit);
        ids.AddRange(after);
        ids.Count = Math.Min(ids.Count, maxLength);
    }

    // May append more than the limit.
    void Append(WordPieceEncoder encoder, ReadOnlySpan<char> text, int limit)
    {
        for (var position = 0; position < text.Length && encoder.Ids.Count < limit;)
        {
            var token = matcher.Next(text, position, out var start);
            encoder.Append(text[position..(token is null ? text.Length : start)], limit);
            if (token is null)
            {
                break;
            }

            encoder.Ids.Add(token.Id);
            position = start + token.Content.Length;
        }
    }

    WordPieceEncoder Rent() => encoders.TryTake(out var encoder) ? encoder : new WordPieceEncoder(Model.Settings, vocabulary);
}
