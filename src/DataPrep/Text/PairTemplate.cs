using DataPrep.Text.Bpe;
using DataPrep.Text.Unigram;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text;

/// <summary>Makes one input of two texts that are ids already, as a tokenizer's <see cref="ITokenizer.EncodePair"/> makes one of their words.</summary>
public sealed class PairTemplate
{
    readonly TokenTemplate _pair;
    readonly int[] _prefix;
    readonly int[] _suffix;

    PairTemplate(TokenTemplate? pair, IEnumerable<int> prefix, IEnumerable<int> suffix)
    {
        _pair = pair ?? throw new DataPrepException("The tokenizer has no template for pairs of texts. Expected a post_processor with a \"pair\" in its tokenizer.json.");
        (_prefix, _suffix) = ([.. prefix], [.. suffix]);
    }

    /// <summary>Special tokens before the first text.</summary>
    public int Before => _pair.Prefix.Length;

    /// <summary>Special tokens before a single text.</summary>
    public int BeforeSingle => _prefix.Length;

    /// <summary>The template of a tokenizer.</summary>
    /// <exception cref="DataPrepException">It tells none.</exception>
    public static PairTemplate Of(ITokenizer tokenizer) => tokenizer switch
    {
        WordPieceTokenizer { Model: var model } => new PairTemplate(model.Pair, model.Prefix, model.Suffix),
        UnigramTokenizer { Model: var model } => new PairTemplate(model.Pair, model.Single.Prefix, model.Single.Suffix),
        BpeTokenizer { Model: var model } => new PairTemplate(model.Pair, model.Single.Prefix, model.Single.Suffix),
        _ => throw new DataPrepException($"{tokenizer.GetType().Name} makes no input of two texts. Expected a tokenizer with a template for pairs."),
    };

    /// <summary>A text's ids without the special tokens around it, where it has them.</summary>
    public ReadOnlySpan<int> Bare(ReadOnlySpan<int> ids) =>
        ids.Length >= _prefix.Length + _suffix.Length && ids.StartsWith(_prefix) && ids.EndsWith(_suffix) ? ids[_prefix.Length..^_suffix.Length] : ids;

    /// <summary>Two texts as one input, the longer cut first.</summary>
    /// <param name="first">The first text, special tokens around it or not.</param>
    /// <param name="second">The second text, likewise.</param>
    /// <param name="maxLength">Most ids, special tokens included.</param>
    /// <param name="firstLength">Ids kept of the first; they start at <see cref="Before"/>.</param>
    /// <param name="secondStart">Where the second starts.</param>
    /// <param name="secondLength">Ids kept of the second.</param>
    /// <exception cref="DataPrepException">There is no room for the special tokens.</exception>
    public TokenPair Join(ReadOnlySpan<int> first, ReadOnlySpan<int> second, int maxLength, out int firstLength, out int secondStart, out int secondLength)
    {
        var a = Bare(first);
        var b = Bare(second);
        var pair = _pair.Join(a, b, maxLength);
        (firstLength, secondLength) = TokenTemplate.Cut(a.Length, b.Length, maxLength - _pair.Length);
        secondStart = _pair.Prefix.Length + firstLength + _pair.Middle.Length;
        return pair;
    }
}
