using System.Buffers;
using System.Globalization;
using System.Text;

namespace DataPrep.Text.WordPiece;

/// <summary>Finds added tokens in raw text, leftmost and then longest first, as Hugging Face tokenizers does.</summary>
sealed class AddedTokenMatcher
{
    readonly AddedToken[] tokens;
    readonly SearchValues<string> spellings;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        this.tokens = [.. tokens.Where(static token => token.Content.Length > 0).OrderByDescending(static token => token.Content.Length)];
        spellings = SearchValues.Create([.. this.tokens.Select(static token => token.Content)], StringComparison.Ordinal);
    }

    /// <summary>The next token at or after <paramref name="from"/>; null where there is none.</summary>
    public AddedToken? Next(ReadOnlySpan<char> text, int from, out int start)
    {
        for (start = from; start < text.Length; start++)
        {
            var skip = text[start..].IndexOfAny(spellings);
            if (skip < 0)
            {
                break;
            }

            start += skip;
            foreach (var token in tokens)
            {
                if (text[start..].StartsWith(token.Content))
                {
                    if (!token.SingleWord || (!EndsWord(text[..start]) && !StartsWord(text[(start + token.Content.Length)..])))
                    {
                        return token;
                    }

                    // The longest match is the one that counts, even where it is turned down.
                    start += token.Content.Length - 1;
                    break;
                }
            }
        }

        return null;
    }

    // Whether a text ends in a word character, "\w" of Rust's regex.
    static bool EndsWord(ReadOnlySpan<char> text) => Rune.DecodeLastFromUtf16(text, out var last, out _) == OperationStatus.Done && IsWord(last);

    static bool StartsWord(ReadOnlySpan<char> text) => Rune.DecodeFromUtf16(text, out var first, out _) == OperationStatus.Done && IsWord(first);

    // Letters, marks, decimal and letter numbers, connectors, joiners, and the circled and squared letters, which are alphabetic although they are symbols.
    static bool IsWord(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.LetterNumber or UnicodeCategory.ConnectorPunctuation => true,
        _ => rune.Value is 0x200C or 0x200D or (>= 0x24B6 and <= 0x24E9) or (>= 0x1F130 and <= 0x1F149) or (>= 0x1F150 and <= 0x1F169) or (>= 0x1F170 and <= 0x1F189),
    };
}
