namespace DataPrep.Text.Bpe;

/// <summary>The English endings that byte-level patterns split off after an apostrophe.</summary>
static class Contractions
{
    /// <summary>Length of the ending (s, t, re, ve, m, ll, d) that a text starts with, or 0.</summary>
    public static int Length(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text.IsEmpty)
        {
            return 0;
        }

        switch (Lower(text[0], ignoreCase))
        {
            case 's' or 't' or 'm' or 'd':
                return 1;
            case 'r' or 'v' when text.Length > 1 && Lower(text[1], ignoreCase) == 'e':
                return 2;
            case 'l' when text.Length > 1 && Lower(text[1], ignoreCase) == 'l':
                return 2;
            default:
                return 0;
        }
    }

    // The long s is an s where case is ignored.
    static char Lower(char c, bool ignoreCase) => !ignoreCase ? c : c == '\u017F' ? 's' : char.IsAsciiLetterUpper(c) ? (char)(c | 0x20) : c;
}
