namespace DataPrep.Text.WordPiece;

/// <summary>Options of <see cref="WordPieceTrainer"/>.</summary>
public sealed record WordPieceTrainerOptions
{
    /// <summary>Entries of the vocabulary, the five special tokens included; fewer come out where the texts have no more pairs. Default 20000.</summary>
    public int VocabularySize { get; init; } = 20_000;

    /// <summary>A pair of pieces is merged only while it occurs this often. Default 2 (Hugging Face's WordPieceTrainer: 0).</summary>
    public int MinFrequency { get; init; } = 2;

    /// <summary>Characters in the alphabet, the most frequent first; the others become unknown. Default 4000, enough for Chinese (Hugging Face's example scripts: 1000).</summary>
    public int AlphabetLimit { get; init; } = 4000;

    /// <summary>Words of more characters than this are left out of the training, they are seldom words. Default 64.</summary>
    public int MaxTrainingWordLength { get; init; } = 64;

    /// <summary>How text becomes words, in training and in the tokenizer that comes out.</summary>
    public WordPieceSettings Settings { get; init; } = new();

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="DataPrepException">A value is out of range.</exception>
    public void Validate()
    {
        var least = WordPieceModel.SpecialTokens.Count + 1;
        if (VocabularySize < least)
        {
            throw new DataPrepException($"The vocabulary size is {VocabularySize}. Expected at least {least}, usually 8000 to 50000.");
        }

        if (MinFrequency < 1 || AlphabetLimit < 1 || MaxTrainingWordLength < 1 || Settings.MaxWordLength < 1)
        {
            throw new DataPrepException(
                $"WordPiece options: min frequency {MinFrequency}, alphabet limit {AlphabetLimit}, max training word length {MaxTrainingWordLength}, max word length {Settings.MaxWordLength}. Expected each to be 1 or more.");
        }
    }
}
