using System.Globalization;
using System.Text;

namespace DataPrep.Text.Bpe;

/// <summary>What the patterns of byte-level tokenizers tell apart: \p{L}, \p{N}, \s and the rest.</summary>
enum WordCharacter : byte
{
    Other,
    Letter,
    Number,
    Space,

    /// <summary>Carriage return or line feed.</summary>
    Newline,

    /// <summary>Half of a character beyond U+FFFF: see <see cref="WordCharacters.At"/>.</summary>
    Surrogate,
}

/// <summary>Classes of characters.</summary>
static class WordCharacters
{
    /// <summary>Class by UTF-16 code unit.</summary>
    public static readonly WordCharacter[] Table = [.. Enumerable.Range(0, 0x10000).Select(static c => Unit((char)c))];

    /// <summary>Class and length of the character at a place.</summary>
    public static WordCharacter At(ReadOnlySpan<char> text, int i, out int length)
    {
        length = 1;
        var kind = Table[text[i]];
        if (kind == WordCharacter.Surrogate)
        {
            Rune.DecodeFromUtf16(text[i..], out var rune, out length);
            kind = Of(Rune.GetUnicodeCategory(rune));
        }

        return kind;
    }

    /// <summary>Where a run of one class ends.</summary>
    public static int RunEnd(ReadOnlySpan<char> text, int i, WordCharacter kind)
    {
        var table = Table;
        while (true)
        {
            while (i < text.Length && table[text[i]] == kind)
            {
                i++;
            }

            if (i == text.Length || table[text[i]] != WordCharacter.Surrogate || At(text, i, out var length) != kind)
            {
                return i;
            }

            i += length;
        }
    }

    /// <summary>Where a run of white space ends.</summary>
    public static int SpaceEnd(ReadOnlySpan<char> text, int i)
    {
        while (i < text.Length && Table[text[i]] is WordCharacter.Space or WordCharacter.Newline)
        {
            i++;
        }

        return i;
    }

    static WordCharacter Unit(char c) =>
        c is '\r' or '\n' ? WordCharacter.Newline
        : char.IsSurrogate(c) ? WordCharacter.Surrogate
        : char.IsWhiteSpace(c) ? WordCharacter.Space
        : Of(CharUnicodeInfo.GetUnicodeCategory(c));

    static WordCharacter Of(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => WordCharacter.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => WordCharacter.Number,
        _ => WordCharacter.Other,
    };
}
