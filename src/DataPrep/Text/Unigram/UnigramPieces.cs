namespace DataPrep.Text.Unigram;

/// <summary>Bounds of a vocabulary from a file.</summary>
static class UnigramPieces
{
    /// <summary>Most pieces.</summary>
    public const int Most = 1 << 22;

    const int MostCharacters = 1 << 25;

    /// <summary>The pieces, once their number, size and scores are found sound.</summary>
    public static UnigramPiece[] Check(UnigramPiece[] pieces, string source)
    {
        if (pieces.Length is 0 or > Most)
        {
            throw new DataPrepException($"{source} has {pieces.Length} pieces. Expected between 1 and {Most}.");
        }

        var characters = 0L;
        for (var id = 0; id < pieces.Length; id++)
        {
            if (pieces[id].Text is null || !double.IsFinite(pieces[id].Score))
            {
                throw new DataPrepException($"{source}: piece {id}, \"{pieces[id].Text ?? "null"}\", has the score {pieces[id].Score}. Expected a string and a finite number.");
            }

            characters += pieces[id].Text.Length;
        }

        return characters <= MostCharacters ? pieces : throw new DataPrepException($"{source} has {characters} characters in its pieces. Expected at most {MostCharacters}.");
    }
}
