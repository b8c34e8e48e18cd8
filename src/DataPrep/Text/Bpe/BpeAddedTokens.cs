using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Bpe;

/// <summary>The added tokens of a model: those found in raw text, and those found in normalized text by their normalized spelling. Immutable, thread-safe.</summary>
sealed class BpeAddedTokens
{
    public BpeAddedTokens(BpeModel model, Func<string, string> normalize)
    {
        Raw = new AddedTokenMatcher(model.AddedTokens.Where(static token => !token.Normalized));
        var late = model.AddedTokens.Where(static token => token.Normalized).Select(token => token with { Content = normalize(token.Content) }).Where(static token => token.Content.Length > 0).ToArray();
        Normalized = late.Length > 0 ? new AddedTokenMatcher(late) : null;
    }

    public AddedTokenMatcher Raw { get; }

    public AddedTokenMatcher? Normalized { get; }

    /// <summary>
    /// The next token from where the last one itself ended, with the white space that goes with it; null, with both bounds at the text's end, where there is none. As in Hugging Face's, white
    /// space that went with the last one may be a token once more.
    /// </summary>
    public static AddedToken? Next(AddedTokenMatcher matcher, ReadOnlySpan<char> text, int position, ref int search, out int start, out int end)
    {
        var token = matcher.Next(text, search, out start);
        if (token is null)
        {
            start = end = text.Length;
            return null;
        }

        search = end = start + token.Content.Length;
        if (token.LeftStrip)
        {
            while (start > position && char.IsWhiteSpace(text[start - 1]))
            {
                start--;
            }

            start = Math.Max(start, position);
        }

        while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end]))
        {
            end++;
        }

        return token;
    }
}
