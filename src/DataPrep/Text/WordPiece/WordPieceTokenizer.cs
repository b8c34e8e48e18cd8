using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace DataPrep.Text.WordPiece;

/// <summary>
/// BERT's tokenizer: added tokens found in the raw text, BERT's normalizer and pre-tokenizer, greedy longest-match-first pieces, and the special tokens of the template around
/// them. Ids equal those of Hugging Face tokenizers. Thread-safe.
/// </summary>
public sealed class WordPieceTokenizer : ITokenizer
{
    readonly WordPieceVocabulary vocabulary;
    readonly AddedTokenMatcher matcher;
    readonly ConcurrentBag<ChunkCache> caches = [];

    /// <summary>A tokenizer of pieces in memory; <see cref="WordPieceFiles.Load"/> reads one from files.</summary>
    /// <param name="model">Pieces, special tokens and settings.</param>
    /// <exception cref="DataPrepException">The unknown token is not among the pieces.</exception>
    public WordPieceTokenizer(WordPieceModel model)
    {
        Model = model;
        vocabulary = new WordPieceVocabulary(model.Pieces, model.ContinuationPrefix, model.UnknownToken, model.Settings.MaxWordLength);
        if (vocabulary.UnknownId < 0)
        {
            throw new DataPrepException($"The vocabulary of {model.Pieces.Count} pieces has no \"{model.UnknownToken}\". Add it, or name the unknown token it uses.");
        }

        matcher = new AddedTokenMatcher(model.AddedTokens);
        VocabularySize = Math.Max(model.Pieces.Count, model.AddedTokens.Select(static token => token.Id + 1).DefaultIfEmpty().Max());
        PadId = Math.Max(0, IdOf("[PAD]"));
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
        var cache = Rent();
        var ids = Encode(text, maxLength, addSpecialTokens, cache, []);
        caches.Add(cache);
        return ids;
    }

    /// <inheritdoc/>
    public TokenPair EncodePair(string first, string second, int maxLength = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        var template = Model.Pair ?? throw new DataPrepException("The tokenizer has no template for pairs of texts. Expected a post_processor with a \"pair\" in its tokenizer.json.");
        var cache = Rent();
        var (a, b) = (new List<int>(), new List<int>());

        // Hugging Face stops reading a text at so many ids, special tokens counted in: of two texts beyond it neither is the longer, and an odd id goes to the second.
        Append(first, maxLength, cache, a);
        Append(second, maxLength, cache, b);
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

    int[] Encode(string text, int maxLength, bool addSpecialTokens, ChunkCache cache, List<int> ids)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        var (prefix, suffix) = addSpecialTokens ? (Model.Prefix, Model.Suffix) : ([], []);
        var room = maxLength - prefix.Count - suffix.Count;
        ids.Clear();
        Append(text, room, cache, ids);
        int[] all = [.. prefix, .. CollectionsMarshal.AsSpan(ids)[..Math.Clamp(room, 0, ids.Count)], .. suffix];
        return all.Length <= maxLength ? all : all[..maxLength];
    }

    // May append more than there is room for.
    void Append(string text, int room, ChunkCache cache, List<int> ids)
    {
        for (var position = 0; position < text.Length && ids.Count < room;)
        {
            var token = matcher.Next(text, position, out var start);
            AppendText(text.AsSpan(position, (token is null ? text.Length : start) - position), room, cache, ids);
            if (token is null)
            {
                break;
            }

            ids.Add(token.Id);
            position = start + token.Content.Length;
        }
    }

    static void AppendText(ReadOnlySpan<char> text, int room, ChunkCache cache, List<int> ids)
    {
        var position = 0;
        while (ids.Count < room && cache.Words.NextChunk(text, ref position, out var chunk, out var hash))
        {
            ids.AddRange(cache.IdsOf(chunk, hash));
        }
    }

    ChunkCache Rent() => caches.TryTake(out var cache) ? cache : new ChunkCache(Model.Settings, vocabulary);
}
