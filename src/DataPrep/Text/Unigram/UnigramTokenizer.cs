using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>
/// SentencePiece's Unigram tokenizer (XLM-R, multilingual E5, BGE-M3): added tokens, normalization, Metaspace, the likeliest pieces, and the special tokens of the template around them.
/// Ids equal those of Hugging Face tokenizers. A lone surrogate is read as U+FFFD. Thread-safe. <see cref="UnigramFiles.Load"/> reads one from files.
/// </summary>
public sealed class UnigramTokenizer : ITokenizer
{
    readonly UnigramModel model;
    readonly UnigramVocabulary vocabulary;
    readonly AddedTokenMatcher raw;
    readonly AddedTokenMatcher? normalized;
    readonly ConcurrentBag<SegmentCache> caches = [];

    internal UnigramTokenizer(UnigramModel model)
    {
        this.model = model;
        vocabulary = new UnigramVocabulary(model.Pieces, model.UnknownId, model.ByteFallback);
        raw = new AddedTokenMatcher(model.AddedTokens.Where(static token => !token.Normalized));
        var cache = new SegmentCache(model, vocabulary);
        var late = model.AddedTokens.Where(static token => token.Normalized).Select(token => token with { Content = cache.Normalize(token.Content).Text.ToString() }).ToArray();
        normalized = late.Length > 0 ? new AddedTokenMatcher(late) : null;
        VocabularySize = Math.Max(model.Pieces.Count, model.AddedTokens.Select(static token => token.Id + 1).DefaultIfEmpty().Max());
        PadId = Math.Max(0, IdOf("<pad>"));
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int PadId { get; }

    /// <summary>Id of what no piece covers.</summary>
    public int UnknownId => model.UnknownId;

    /// <inheritdoc/>
    public int? MaxLength => model.MaxLength;

    /// <inheritdoc/>
    public int IdOf(string piece) => model.AddedTokens.FirstOrDefault(token => token.Content == piece)?.Id ?? vocabulary.IdOf(piece);

    /// <inheritdoc/>
    public int[] Encode(string text, int maxLength = int.MaxValue, bool addSpecialTokens = true)
    {
        var cache = Rent();
        var ids = Encode(text, maxLength, addSpecialTokens, cache, []);
        caches.Add(cache);
        return ids;
    }

    /// <inheritdoc/>
    public TokenPair EncodePair(string first, string second, int maxLength = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        var template = model.Pair ?? throw new DataPrepException("The tokenizer has no template for pairs of texts. Expected a post_processor with a \"pair\" in its tokenizer.json.");
        var cache = Rent();
        var (a, b) = (new List<int>(), new List<int>());

        // Hugging Face stops reading a text at so many ids, special tokens counted in: of two texts beyond it neither is the longer, and an odd id goes to the second.
        AppendText(Sound(first), maxLength, cache, a);
        AppendText(Sound(second), maxLength, cache, b);
        caches.Add(cache);
        return template.Join(CollectionsMarshal.AsSpan(a), CollectionsMarshal.AsSpan(b), maxLength);
    }

    /// <inheritdoc/>
    public int[][] EncodeAll(IReadOnlyList<string> texts, int maxLength = int.MaxValue, int threads = 1, bool addSpecialTokens = true, CancellationToken cancellationToken = default)
    {
        var ids = new int[texts.Count][];
        Workers.For(
            texts.Count,
            threads,
            () => (Cache: Rent(), Scratch: new List<int>()),
            (i, local) => ids[i] = Encode(texts[i], maxLength, addSpecialTokens, local.Cache, local.Scratch),
            local => caches.Add(local.Cache),
            cancellationToken);
        return ids;
    }

    int[] Encode(string text, int maxLength, bool addSpecialTokens, SegmentCache cache, List<int> ids)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        var template = addSpecialTokens ? model.Single : TokenTemplate.Empty;
        var room = Math.Max(0, maxLength - template.Prefix.Length - template.Suffix.Length);
        ids.Clear();
        AppendText(Sound(text), room, cache, ids);
        int[] all = [.. template.Prefix, .. CollectionsMarshal.AsSpan(ids)[..Math.Min(room, ids.Count)], .. template.Suffix];
        return all.Length <= maxLength ? all : all[..maxLength];
    }

    // May append more than there is room for.
    void AppendText(string text, int room, SegmentCache cache, List<int> ids)
    {
        for (var (position, search) = (0, 0); position < text.Length && ids.Count < room;)
        {
            var token = Next(raw, text, position, ref search, out var start, out var end);
            AppendNormalized(text.AsSpan(position, start - position), position == 0, room, cache, ids);
            if (token is not null)
            {
                ids.Add(token.Id);
            }

            position = end;
        }
    }

    void AppendNormalized(ReadOnlySpan<char> text, bool first, int room, SegmentCache cache, List<int> ids)
    {
        var buffer = cache.Normalize(text);
        if (normalized is null)
        {
            AppendMarked(buffer, first, room, cache, ids);
            return;
        }

        ReadOnlySpan<char> all = buffer.Text;
        for (var (position, search) = (0, 0); position < all.Length && ids.Count < room;)
        {
            var token = Next(normalized, all, position, ref search, out var start, out var end);
            cache.Part.Clear();
            cache.Part.Add(all[position..start]);
            AppendMarked(cache.Part, first && position == 0, room, cache, ids);
            if (token is not null)
            {
                ids.Add(token.Id);
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

    void AppendMarked(CharBuffer buffer, bool first, int room, SegmentCache cache, List<int> ids)
    {
        if (!model.WhitespaceSplit)
        {
            AppendWord(buffer.WithHead, first, room, cache, ids);
            return;
        }

        // The white space before a word, which is dropped, is the place of its mark.
        var text = buffer.WithHead;
        for (var start = 1; start < text.Length && ids.Count < room;)
        {
            var end = start;
            while (end < text.Length && !char.IsWhiteSpace(text[end]))
            {
                end++;
            }

            AppendWord(text[(start - 1)..end], first && start == 1, room, cache, ids);
            start = end + 1;
        }
    }

    // The first character is free.
    void AppendWord(Span<char> text, bool first, int room, SegmentCache cache, List<int> ids)
    {
        if (text.Length < 2)
        {
            return;
        }

        var mark = model.Mark;
        text[1..].Replace(' ', mark);
        var bare = text[1] != mark && (model.Prepend == PrependScheme.Always || (model.Prepend == PrependScheme.First && first));
        text[0] = mark;
        var rest = (ReadOnlySpan<char>)(bare ? text : text[1..]);
        while (!rest.IsEmpty && ids.Count < room)
        {
            var next = model.SplitAtMarks ? rest[1..].IndexOf(mark) : -1;
            var segment = next < 0 ? rest : rest[..(next + 1)];
            ids.AddRange(cache.IdsOf(segment));
            rest = rest[segment.Length..];
        }
    }

    static string Sound(string text)
    {
        for (var i = text.AsSpan().IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
                continue;
            }

            return string.Concat(text.EnumerateRunes().Select(static rune => rune.ToString()));
        }

        return text;
    }

    SegmentCache Rent() => caches.TryTake(out var cache) ? cache : new SegmentCache(model, vocabulary);
}
