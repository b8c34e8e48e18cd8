namespace DataPrep.Text.Bpe;

/// <summary>GPT-2's spelling of bytes by printable characters: those of Latin-1 stand for themselves, the others for U+0100 and after, in order.</summary>
static class ByteLevelAlphabet
{
    /// <summary>Character by byte.</summary>
    public static ReadOnlySpan<char> Characters => Table;

    static readonly char[] Table = Build();

    static char[] Build()
    {
        var table = new char[256];
        var next = 0x100;
        for (var value = 0; value < table.Length; value++)
        {
            table[value] = (char)(value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or >= 0xAE ? value : next++);
        }

        return table;
    }
}
