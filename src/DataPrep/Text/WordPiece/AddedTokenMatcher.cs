using System.Buffers;

namespace DataPrep.Text.WordPiece;

/// <summary>Finds added tokens in raw text, leftmost and then longest first, as Hugging Face tokenizers does.</summary>
sealed class AddedTokenMatcher
{
    readonly AddedToken[] tokens;
    readonly SearchValues<char> firstCharacters;

    public AddedTokenMatcher(IEnumerable<AddedToken> tokens)
    {
        this.tokens = [.. tokens.Where(static token => token.Content.Length > 0).OrderByDescending(static token => token.Content.Length)];
        firstCharacters = SearchValues.Create([.. this.tokens.Select(static token => token.Content[0]).Distinct()]);
    }

    /// <summary>The next token at or after <paramref name="from"/>; null where there is none.</summary>
    public AddedToken? Next(ReadOnlySpan<char> text, int from, out int start)
    {
        for (start = from; start < text.Length; start++)
        {
            var skip = text[start..].IndexOfAny(firstCharacters);
            if (skip < 0)
            {
                break;
            }

            start += skip;
            foreach (var token in tokens)
            {
                if (text[start..].StartsWith(token.Content))
                {
                    if (!token.SingleWord || (!IsWord(text, start - 1) && !IsWord(text, start + token.Content.Length)))
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

    static bool IsWord(ReadOnlySpan<char> text, int i) => i >= 0 && i < text.Length && (char.IsLetterOrDigit(text[i]) || text[i] == '_');
}
