namespace DataPrep.Text;

/// <summary>Text to token ids of a model's vocabulary. Thread-safe. <see cref="TokenizerFiles"/> reads one from files.</summary>
public interface ITokenizer
{
    /// <summary>Number of entries; every id is below it.</summary>
    int VocabularySize { get; }

    /// <summary>Id that pads a batch.</summary>
    int PadId { get; }

    /// <summary>Most ids by the truncation of the tokenizer's own file; null where it has none. <see cref="Encode"/> does not apply it.</summary>
    int? MaxLength => null;

    /// <summary>Id of a piece or added token by its spelling in the vocabulary, or -1. Default: none has a name.</summary>
    int IdOf(string piece) => -1;

    /// <summary>Ids of a text, special tokens added where the tokenizer has them, cut at <paramref name="maxLength"/> tokens (specials included).</summary>
    int[] Encode(string text, int maxLength = int.MaxValue, bool addSpecialTokens = true);

    /// <summary>
    /// Ids and token types of two texts as one input, special tokens around and between them. Where they are too long, the longer is cut first, as Hugging Face's longest_first does.
    /// </summary>
    /// <param name="first">First text, the query.</param>
    /// <param name="second">Second text, the passage.</param>
    /// <param name="maxLength">Most ids, special tokens included.</param>
    /// <exception cref="DataPrepException">The tokenizer tells no template for pairs, or <paramref name="maxLength"/> has no room for its special tokens.</exception>
    TokenPair EncodePair(string first, string second, int maxLength = int.MaxValue) =>
        throw new DataPrepException($"{GetType().Name} makes no input of two texts. Expected a tokenizer with a template for pairs.");
}
