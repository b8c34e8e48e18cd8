namespace DataPrep.Text.Bpe;

/// <summary>Options of <see cref="BpeTrainer"/>.</summary>
public sealed record BpeTrainerOptions
{
    /// <summary>Entries of the vocabulary, the special tokens and the 256 bytes included; fewer come out where the texts have no more pairs. Default 20000.</summary>
    public int VocabularySize { get; init; } = 20_000;

    /// <summary>A pair of pieces is merged only while it occurs this often. Default 2 (Hugging Face's BpeTrainer: 0).</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>How text becomes words, in training and in the tokenizer that comes out.</summary>
    public BpeSettings Settings { get; init; } = new();

    /// <summary>Special tokens in the order of their ids, which begin at 0: RoBERTa's start, padding, end, unknown and mask.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"];

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="DataPrepException">A value is out of range.</exception>
    public void Validate()
    {
        var least = SpecialTokens.Count + 256;
        if (VocabularySize < least)
        {
            throw new DataPrepException($"The vocabulary size is {VocabularySize}. Expected at least {least}, the special tokens and 256 bytes; usually 8000 to 50000.");
        }

        if (MinFrequency < 0)
        {
            throw new DataPrepException($"The min frequency is {MinFrequency}. Expected 0 or more.");
        }

        if (Settings.AddsPrefixSpace && Settings.Words != BpeWords.Gpt2)
        {
            throw new DataPrepException($"A prefix space is asked for with the words of {Settings.Words}. Expected {BpeWords.Gpt2}, or no prefix space.");
        }
    }
}
