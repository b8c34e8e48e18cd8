using System.Runtime.InteropServices;
using DataPrep.Text.Unicode;

namespace DataPrep.Text.WordPiece;

/// <summary>A chunk of text, as <see cref="ChunkScanner"/> finds it, to normalized words. One per thread.</summary>
sealed class WordPieceWords(WordPieceSettings settings)
{
    readonly List<char> words = [];
    readonly List<int> codePoints = [];
    readonly List<int> decomposed = [];

    /// <summary>Normalized words of a chunk, with spaces between and around them. Valid until the next call.</summary>
    public ReadOnlySpan<char> Normalize(ReadOnlySpan<char> chunk)
    {
        codePoints.Clear();
        words.Clear();
        if (!settings.SplitIdentifiers && IsPlain(chunk))
        {
            foreach (var c in chunk)
            {
                words.Add(settings.Lowercase ? char.ToLowerInvariant(c) : c);
            }

            return CollectionsMarshal.AsSpan(words);
        }

        Clean(chunk);
        if (settings.StripsAccents)
        {
            AppendStripped();
        }
        else
        {
            foreach (var codePoint in codePoints)
            {
                AppendLower(codePoint);
            }
        }

        return CollectionsMarshal.AsSpan(words);
    }

    // A chunk of ASCII characters of which none is a control character is one word: all others but letters and digits are chunks of their own.
    static bool IsPlain(ReadOnlySpan<char> chunk) => !chunk.ContainsAnyExceptInRange('!', '~');

    void Clean(ReadOnlySpan<char> chunk)
    {
        for (var i = 0; i < chunk.Length; i++)
        {
            if (settings.SplitIdentifiers && i > 0 && IsIdentifierBoundary(chunk, i))
            {
                codePoints.Add(' ');
            }

            var codePoint = (int)chunk[i];
            if (char.IsHighSurrogate(chunk[i]) && i + 1 < chunk.Length && char.IsLowSurrogate(chunk[i + 1]))
            {
                codePoint = char.ConvertToUtf32(chunk[i], chunk[++i]);
            }

            switch (BertCharacters.Of(codePoint))
            {
                case BertCharacter.Removed or BertCharacter.RemovedSpace when settings.CleanText:
                    break;
                case BertCharacter.Ideograph when settings.HandleChineseChars:
                    codePoints.Add(' ');
                    codePoints.Add(codePoint);
                    codePoints.Add(' ');
                    break;
                default:
                    codePoints.Add(codePoint);
                    break;
            }
        }
    }

    void AppendStripped()
    {
        decomposed.Clear();
        foreach (var codePoint in codePoints)
        {
            BertCharacters.Decompose(codePoint, decomposed);
        }

        if (HasMarksInARow(decomposed))
        {
            UnicodeNormalization.Reorder(decomposed, BertCharacters.CombiningClass);
        }

        foreach (var codePoint in decomposed)
        {
            if (BertCharacters.Of(codePoint) != BertCharacter.Mark)
            {
                AppendLower(codePoint);
            }
        }
    }

    static bool HasMarksInARow(List<int> codePoints)
    {
        var before = false;
        foreach (var codePoint in codePoints)
        {
            var mark = UnicodeTables.CombiningClass(codePoint) != 0;
            if (mark && before)
            {
                return true;
            }

            before = mark;
        }

        return false;
    }

    void AppendLower(int codePoint)
    {
        if (settings.Lowercase)
        {
            if (codePoint == 0x130)
            {
                Append('i');
                Append(0x307);
                return;
            }

            codePoint = BertLowercase.Of(codePoint);
        }

        Append(codePoint);
    }

    void Append(int codePoint)
    {
        var kind = BertCharacters.Of(codePoint);
        if (kind is BertCharacter.Space or BertCharacter.RemovedSpace)
        {
            words.Add(' ');
        }
        else if (kind == BertCharacter.Punctuation)
        {
            words.Add(' ');
            AddUtf16(codePoint);
            words.Add(' ');
        }
        else
        {
            AddUtf16(codePoint);
        }
    }

    void AddUtf16(int codePoint)
    {
        if (codePoint > 0xFFFF)
        {
            words.Add((char)(0xD7C0 + (codePoint >> 10)));
            codePoint = 0xDC00 | (codePoint & 0x3FF);
        }

        words.Add((char)codePoint);
    }

    static bool IsIdentifierBoundary(ReadOnlySpan<char> text, int i)
    {
        var (before, after) = (text[i - 1], text[i]);
        return char.IsAsciiLetterLower(before) ? char.IsAsciiLetterUpper(after) || char.IsAsciiDigit(after)
            : char.IsAsciiDigit(before) ? char.IsAsciiLetter(after)
            : char.IsAsciiLetterUpper(before) && (char.IsAsciiDigit(after) || (char.IsAsciiLetterUpper(after) && i + 1 < text.Length && char.IsAsciiLetterLower(text[i + 1])));
    }
}
