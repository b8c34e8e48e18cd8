using System.Globalization;
using System.Text;

namespace DataPrep.Text.Analysis;

/// <summary>What a character is to the word rules of the analyzers.</summary>
enum CharacterClass : byte
{
    Separator,
    Letter,
    Digit,

    /// <summary>A combining mark: part of the word it stands in, no word of its own.</summary>
    Mark,

    /// <summary>Han and Hiragana: written without spaces.</summary>
    Ideograph,
    Katakana,
    Hangul,
    Apostrophe,
}

/// <summary>Character classes of the basic plane in one table, of the others by Unicode category.</summary>
static class CharacterClasses
{
    static readonly CharacterClass[] Table = Build();

    /// <summary>Class of the character at <paramref name="position"/> and its length in UTF-16 units; a lone surrogate is a separator.</summary>
    public static CharacterClass At(ReadOnlySpan<char> text, int position, out int length)
    {
        length = 1;
        var c = text[position];
        if (!char.IsSurrogate(c))
        {
            return Table[c];
        }

        if (Rune.DecodeFromUtf16(text[position..], out var rune, out length) != System.Buffers.OperationStatus.Done)
        {
            return CharacterClass.Separator;
        }

        return rune.Value is >= 0x20000 and <= 0x3FFFF ? CharacterClass.Ideograph : OfCategory(Rune.GetUnicodeCategory(rune));
    }

    public static CharacterClass Of(char c) => Table[c];

    static CharacterClass[] Build()
    {
        var table = new CharacterClass[0x10000];
        for (var c = 0; c < table.Length; c++)
        {
            table[c] = OfCharacter((char)c);
        }

        return table;
    }

    static CharacterClass OfCharacter(char c)
    {
        var category = OfCategory(char.GetUnicodeCategory(c));
        return c switch
        {
            '\'' or '\u2019' or '\uFF07' => CharacterClass.Apostrophe,
            '\u3005' or '\u3007' or (>= '\u3400' and <= '\u4DBF') or (>= '\u4E00' and <= '\u9FFF') or (>= '\uF900' and <= '\uFAFF') => CharacterClass.Ideograph,
            >= '\u3041' and <= '\u309F' when category is CharacterClass.Letter => CharacterClass.Ideograph,
            >= '\u30A1' and <= '\u30FF' when category is CharacterClass.Letter => CharacterClass.Katakana,
            >= '\u31F0' and <= '\u31FF' => CharacterClass.Katakana,
            >= '\uFF66' and <= '\uFF9F' => CharacterClass.Katakana,
            (>= '\uAC00' and <= '\uD7A3') or (>= '\u1100' and <= '\u11FF') or (>= '\u3130' and <= '\u318F') when category is CharacterClass.Letter => CharacterClass.Hangul,
            _ => category,
        };
    }

    static CharacterClass OfCategory(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.LowercaseLetter or UnicodeCategory.TitlecaseLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter
            => CharacterClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterClass.Digit,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharacterClass.Mark,
        _ => CharacterClass.Separator,
    };
}
