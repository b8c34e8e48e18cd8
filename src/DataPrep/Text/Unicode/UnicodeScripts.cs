namespace DataPrep.Text.Unicode;

/// <summary>Script of every code point (UAX #24, version 14.0); Han, Hiragana and Katakana are one.</summary>
static class UnicodeScripts
{
    const byte Han = 3;

    static readonly byte[] Table = Build();

    /// <summary>Number of the script of a code point.</summary>
    public static byte Of(int codePoint) => Table[codePoint];

    static byte[] Build()
    {
        var table = new byte[0x110000];
        var runs = UnicodeScriptData.Runs;
        for (var i = 0; i < runs.Length; i += 2)
        {
            var end = i + 2 < runs.Length ? runs[i + 2] : table.Length;
            table.AsSpan(runs[i]..end).Fill((byte)runs[i + 1]);
        }

        // The mark of lengthened vowels is common to both kana.
        table['\u30FC'] = Han;
        return table;
    }
}
