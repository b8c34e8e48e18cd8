using System.Collections.Concurrent;

namespace DataPrep.Text.Bpe;

/// <summary>
/// Byte-pair encoding (GPT-2, RoBERTa, ModernBERT, Llama 3, Qwen): added tokens, normalization, words by a pattern, pairs merged by rank, and the special tokens of the template around
/// them. Ids equal those of Hugging Face tokenizers. A lone surrogate is read as U+FFFD. Thread-safe. <see cref="TokenizerFiles"/> reads one from files.
/// </summary>
public sealed class BpeTokenizer : ITokenizer
{
    static readonly string[] PadNames = ["<pad>", "[PAD]", "<|padding|>", "<|pad|>", "<|endoftext|>", "<|end_of_text|>"];

    readonly BpeVocabulary vocabulary;
    readonly BpeAddedTokens added;
    readonly ConcurrentBag<BpeEncoder> encoders = [];

    internal BpeTokenizer(BpeModel model, string source)
    {
        Model = model;
        vocabulary = new BpeVocabulary(model, source);
        var plain = new BpeEncoder(model, vocabulary, null);
        added = new BpeAddedTokens(model, token => plain.Normalize(token).ToString());
        VocabularySize = model.Pieces.Values.Concat(model.AddedTokens.Select(static token => token.Id)).DefaultIfEmpty(-1).Max() + 1;
        PadId = model.PadId ?? Math.Max(0, PadNames.Prepend(model.PadToken ?? string.Empty).Select(IdOf).FirstOrDefault(static id => id >= 0));
    }

    /// <inheritdoc/>
    public int VocabularySize { get; }

    /// <inheritdoc/>
    public int PadId { get; }

    /// <inheritdoc/>
    public int? MaxLength => Model.MaxLength;

    internal BpeModel Model { get; }

    /// <summary>What it was trained with; null for one read from files.</summary>
    internal BpeSettings? Settings { get; init; }

    /// <inheritdoc/>
    public int IdOf(string piece) => Model.AddedTokens.FirstOrDefault(token => token.Content == piece)?.Id ?? vocabulary.IdOf(piece);

    /// <inheritdoc/>
    public int[] Encode(string text, int maxLength = int.MaxValue, bool addSpecialTokens = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        var template = addSpecialTokens ? Model.Single : TokenTemplate.Empty;
        var room = Math.Max(0, maxLength - template.Length);
        var encoder = Rent();
        encoder.Encode(WellFormed.Of(text), room);
        int[] all = [.. template.Prefix, .. encoder.Ids.Ids[..Math.Min(room, encoder.Ids.Count)], .. template.Suffix];
        encoders.Add(encoder);
        return all.Length <= maxLength ? all : all[..maxLength];
    }

    /// <inheritdoc/>
    public TokenPair EncodePair(string first, string second, int maxLength = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxLength);
        var template = Model.Pair ?? throw new DataPrepException("The tokenizer has no template for pairs of texts. Expected a post_processor with a \"pair\" in its tokenizer.json.");
        var (a, b) = (Rent(), Rent());

        // Hugging Face stops reading a text at so many ids, special tokens counted in: of two texts beyond it the longer is the one whose last word has more.
        a.Encode(WellFormed.Of(first), maxLength);
        b.Encode(WellFormed.Of(second), maxLength);
        var pair = template.Join(a.Ids.Ids, b.Ids.Ids, maxLength);
        encoders.Add(a);
        encoders.Add(b);
        return pair;
    }

    BpeEncoder Rent() => encoders.TryTake(out var encoder) ? encoder : new BpeEncoder(Model, vocabulary, added);
}
