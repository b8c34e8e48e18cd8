namespace DataPrep.Text;

/// <summary>Text to token ids of a model's vocabulary. Thread-safe.</summary>
public interface ITokenizer
{
    /// <summary>Number of entries; every id is below it.</summary>
    int VocabularySize { get; }

    /// <summary>Id that pads a batch.</summary>
    int PadId { get; }

    /// <summary>Ids of a text, special tokens added where the tokenizer has them, cut at <paramref name="maxLength"/> tokens (specials included).</summary>
    int[] Encode(string text, int maxLength = int.MaxValue, bool addSpecialTokens = true);
}
