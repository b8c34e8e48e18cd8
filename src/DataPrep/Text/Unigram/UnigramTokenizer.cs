using System.Collections.Concurrent;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>
/// SentencePiece's Unigram tokenizer (XLM-R, multilingual E5, BGE-M3): added tokens, normalization, Metaspace, the likeliest pieces, and the special tokens of the template around them.
/// Ids equal those of Hugging Face tokenizers. A lone surrogate is read as U+FFFD. Thread-safe. <see cref="UnigramFiles.Load"/> reads one from files.
/// </summary>
public sealed class UnigramTokenizer : ITokenizer
{
    readonly UnigramVocabulary vocabulary;
    readonly AddedTokenMatcher raw;
    readonly AddedTokenMatcher? normalized;
    readonly ConcurrentBag<UnigramEncoder> encoders = [];

    internal UnigramTokenizer(UnigramModel model)
    {
        Model = model;
        vocabulary = new UnigramVocabulary(model.Pieces, model.UnknownId, model.ByteFallback);
        raw = new AddedTokenMatcher(model.AddedTokens.Where(static token => !token.Normalized));
        var encoder = new UnigramEncoder(model, vocabulary);
        var late = model.AddedTokens.Where(static token => token.Normalized).Select(token => token with { Content = encoder.Normalize(token.Content).Text.ToString() }).ToArray();
        normalized = late.Length > 0 ? new AddedTokenMatcher(late) : null;
        VocabularySize = Math.Max(model.Pieces.Count, model.AddedTokens.Select(static token => token.Id + 1).DefaultIfEmpty().Max());
        PadId = Math.Max(0, IdOf("<pad>"));
    }

    /// <summary>What the tokenizer was made of.</summary>
    internal UnigramModel Model { get; }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int PadId { get; }

    /// <summary>Id of what no piece covers.</summary>
    public int UnknownId => Model.UnknownId;

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

    int[] Bare(UnigramEncoder encoder, string text, int limit)
    {
        encoder.Ids.Count = 0;
        AppendText(WellFormed.Of(text), limit, encoder);
        return encoder.Ids.Ids.ToArray();
    }

    void Fill(UnigramEncoder encoder, ReadOnlySpan<char> text, int maxLength, bool addSpecialTokens)
    {
        var template = addSpecialTokens ? Model.Single : TokenTemplate.Empty;
        var limit = Math.Max(template.Prefix.Length, maxLength - template.Suffix.Length);
        var ids = encoder.Ids;
        ids.Count = 0;
        ids.AddRange(template.Prefix);
        AppendText(WellFormed.Of(text), limit, encoder);
        ids.Count = Math.Min(ids.Count, limit);
        ids.AddRange(template.Suffix);
        ids.Count = Math.Min(ids.Count, maxLength);
    }

    // May append more than the limit.
    void AppendText(ReadOnlySpan<char> text, int limit, UnigramEncoder encoder)
    {
        for (var (position, search) = (0, 0); position < text.Length && encoder.Ids.Count < limit;)
        {
            var token = Next(raw, text, position, ref search, out var start, out var end);
            AppendNormalized(text[position..start], position == 0, limit, encoder);
            if (token is not null)
            {
                encoder.Ids.Add(token.Id);
            }

            position = end;
        }
    }

    void AppendNormalized(ReadOnlySpan<char> text, bool first, int limit, UnigramEncoder encoder)
    {
        var buffer = encoder.Normalize(text);
        if (normalized is null)
        {
            encoder.AppendMarked(buffer, first, limit);
            return;
        }

        ReadOnlySpan<char> all = buffer.Text;
        for (var (position, search) = (0, 0); position < all.Length && encoder.Ids.Count < limit;)
        {
            var token = Next(normalized, all, position, ref search, out var start, out var end);
            encoder.Part.Clear();
            encoder.Part.Add(all[position..start]);
            encoder.AppendMarked(encoder.Part, first && position == 0, limit);
            if (token is not null)
            {
                encoder.Ids.Add(token.Id);
            }

            position = end;
        }
    }

    // The next token from where the last one itself ended, with the white space that goes with it; start and end at the text's end where there is none.
    static AddedToken? Next(AddedTokenMatcher matcher, ReadOnlySpan<char> text, int position, ref int search, out int start, out int end)
    {
        var token = matcher.Next(text, search, out start);
        if (token is null)
        {
            start = end = text.Length;
            return null;
        }

        search = end = start + token.Content.Length;
        while (token.LeftStrip && start > position && char.IsWhiteSpace(text[start - 1]))
        {
            start--;
        }

        while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        start = Math.Max(start, position);
        search = Math.Max(search, end);
        return token;
    }

    UnigramEncoder Rent() => encoders.TryTake(out var encoder) ? encoder : new UnigramEncoder(Model, vocabulary);
}
