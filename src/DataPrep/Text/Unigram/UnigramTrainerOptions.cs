namespace DataPrep.Text.Unigram;

/// <summary>Options of <see cref="UnigramTrainer"/>, with SentencePiece's defaults where it has them.</summary>
public sealed record UnigramTrainerOptions
{
    /// <summary>Entries of the vocabulary, the five special tokens included; fewer come out where the texts have no more pieces. Default 32000.</summary>
    public int VocabularySize { get; init; } = 32_000;

    /// <summary>Share of the characters of the texts that the alphabet covers, the most frequent first; the others become unknown. Default 0.9995.</summary>
    public double CharacterCoverage { get; init; } = 0.9995;

    /// <summary>Most substrings to start from, those that cover most text first. Default 1000000.</summary>
    public int SeedSize { get; init; } = 1_000_000;

    /// <summary>Share of the pieces that a round of pruning keeps. Default 0.75.</summary>
    public double ShrinkingFactor { get; init; } = 0.75;

    /// <summary>Rounds of expectation and maximization before each pruning. Default 2.</summary>
    public int SubIterations { get; init; } = 2;

    /// <summary>Most characters (UTF-16) of a piece, the mark of a space included. Default 16.</summary>
    public int MaxPieceLength { get; init; } = 16;

    /// <summary>Refuses values outside their range.</summary>
    /// <exception cref="DataPrepException">A value is out of range.</exception>
    public void Validate()
    {
        var least = UnigramTrainer.SpecialTokens + 1;
        if (VocabularySize < least)
        {
            throw new DataPrepException($"The vocabulary size is {VocabularySize}. Expected at least {least}, usually 8000 to 250000.");
        }

        if (!(CharacterCoverage is > 0 and <= 1) || !(ShrinkingFactor is > 0 and < 1))
        {
            throw new DataPrepException($"Unigram options: character coverage {CharacterCoverage}, shrinking factor {ShrinkingFactor}. Expected shares above 0, the coverage at most 1, the factor below 1.");
        }

        if (SeedSize < 1 || SubIterations < 1 || MaxPieceLength is < 1 or > 64)
        {
            throw new DataPrepException($"Unigram options: seed size {SeedSize}, sub-iterations {SubIterations}, max piece length {MaxPieceLength}. Expected each to be 1 or more, the length at most 64.");
        }
    }
}
