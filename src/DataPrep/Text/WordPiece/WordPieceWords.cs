using System.Runtime.InteropServices;
using DataPrep.Text.Unicode;

namespace DataPrep.Text.WordPiece;

/// <summary>
/// Text to normalized words in two steps. A chunk ends at ASCII white space, at punctuation and at ideographs, none of which normalization carries anything across, so the words
/// of a chunk depend on the chunk alone and can be remembered. One per thread.
/// </summary>
sealed class WordPieceWords
{
    readonly WordPieceSettings settings;
    readonly ChunkClass[] classes = new ChunkClass[0x10000];
    readonly List<char> words = [];
    readonly List<int> codePoints = [];
    readonly List<int> decomposed = [];

    enum ChunkClass : byte
    {
        Member,
        Single,
        Separator,
    }

    public WordPieceWords(WordPieceSettings settings)
    {
        this.settings = settings;
        for (var c = 0; c < classes.Length; c++)
        {
            classes[c] = BertCharacters.Of(c) switch
            {
                BertCharacter.Space => ChunkClass.Separator,
                BertCharacter.RemovedSpace when !settings.CleanText => ChunkClass.Separator,
                BertCharacter.Punctuation => ChunkClass.Single,
                BertCharacter.Ideograph when settings.HandleChineseChars => ChunkClass.Single,
                _ => ChunkClass.Member,
            };
        }
    }

    /// <summary>Finds the next chunk at or after <paramref name="position"/>, its <see cref="SpanTable.Hash"/> on the way.</summary>
    /// <returns>False at the end of the text.</returns>
    public bool NextChunk(ReadOnlySpan<char> text, ref int position, out ReadOnlySpan<char> chunk, out uint hash)
    {
        var i = position;
        var table = classes;
        hash = SpanTable.Begin;
        while (i < text.Length && table[text[i]] == ChunkClass.Separator)
        {
            i++;
        }

        var start = i;
        for (; i < text.Length && table[text[i]] == ChunkClass.Member; i++)
        {
            hash = SpanTable.Step(hash, text[i]);
        }

        if (i == start && i < text.Length)
        {
            hash = SpanTable.Step(hash, text[i++]);
        }

        position = i;
        chunk = text[start..i];
        return chunk.Length > 0;
    }

    /// <summary>Normalized words of a chunk, with spaces between and around them. Valid until the next call.</summary>
    public ReadOnlySpan<char> Normalize(ReadOnlySpan<char> chunk)
    {
        codePoints.Clear();
        words.Clear();
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

        UnicodeNormalization.Reorder(decomposed, BertCharacters.CombiningClass);
        foreach (var codePoint in decomposed)
        {
            if (BertCharacters.Of(codePoint) != BertCharacter.Mark)
            {
                AppendLower(codePoint);
            }
        }
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
