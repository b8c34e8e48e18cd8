using System.Globalization;
using DataPrep.Text.Unicode;

namespace DataPrep.Text.WordPiece;

/// <summary>What BERT's normalizer and pre-tokenizer see in a code point.</summary>
enum BertCharacter : byte
{
    Letter,

    /// <summary>Gets spaces around it where Chinese characters are handled.</summary>
    Ideograph,

    /// <summary>A non-spacing mark: dropped where accents are stripped.</summary>
    Mark,
    Punctuation,
    Space,

    /// <summary>A control or format character: dropped by cleaning.</summary>
    Removed,

    /// <summary>White space that cleaning drops because it is a control character first.</summary>
    RemovedSpace,
}

/// <summary>Class of every code point.</summary>
static class BertCharacters
{
    static readonly BertCharacter[] Table = Build();

    public static BertCharacter Of(int codePoint) => Table[codePoint];

    /// <summary>Canonical combining class; 0 for marks that are younger than Hugging Face's normalization data (Unicode 9).</summary>
    public static int CombiningClass(int codePoint)
    {
        var order = codePoint < 0x300 ? 0 : UnicodeTables.CombiningClass(codePoint);
        var known = Of(codePoint) == BertCharacter.Mark || IsMarkOfUnicode9(codePoint)
            || (CharUnicodeInfo.GetUnicodeCategory(codePoint) == UnicodeCategory.SpacingCombiningMark && codePoint is not (0x1715 or 0x1193D or 0x16FF0 or 0x16FF1));
        return known ? order : 0;
    }

    /// <summary>Appends the canonical decomposition as Hugging Face knows it.</summary>
    public static void Decompose(int codePoint, List<int> output)
    {
        // U+11938 came with Unicode 13.
        if (codePoint < 0xC0 || codePoint == 0x11938)
        {
            output.Add(codePoint);
        }
        else
        {
            UnicodeNormalization.Decompose(codePoint, output);
        }
    }

    static bool IsMarkOfUnicode9(int codePoint) => codePoint is (>= 0x8D4 and <= 0x8E1) or 0x1DFB or 0x11442 or 0x11446 or 0x11C3F or (>= 0x1E000 and <= 0x1E02A) or (>= 0x1E944 and <= 0x1E94A);

    static BertCharacter[] Build()
    {
        var table = new BertCharacter[0x110000];
        var runs = BertCharacterData.Runs;
        for (var i = 0; i < runs.Length; i += 2)
        {
            var end = i + 2 < runs.Length ? runs[i + 2] : table.Length;
            table.AsSpan(runs[i]..end).Fill((BertCharacter)runs[i + 1]);
        }

        // A lone surrogate reads as U+FFFD, which cleaning drops.
        table.AsSpan(0xD800..0xE000).Fill(BertCharacter.Removed);
        return table;
    }
}
