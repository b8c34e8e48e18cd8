using System.Text;
using DataPrep.Text.Unicode;

namespace DataPrep.Cleaning;

/// <summary>Unicode NFC, runs of white space to one blank, control characters and byte order marks removed, trimmed.</summary>
public static class TextCleaner
{
    const char ByteOrderMark = '\uFEFF';

    /// <summary>The cleaned text; null where it is not well-formed Unicode (half of a surrogate pair).</summary>
    public static string? Clean(string text, CleaningOptions options)
    {
        if (IsClean(text))
        {
            return text;
        }

        if (!Ascii.IsValid(text))
        {
            if (!WellFormed(text))
            {
                return null;
            }

            text = UnicodeNormalization.ToNfc(text); // string.Normalize does nothing where globalization is invariant
        }

        return Collapse(text, options.KeepLineBreaks);
    }

    // Plain ASCII with single inner blanks: most texts.
    static bool IsClean(string text)
    {
        var blank = true;
        foreach (var c in text)
        {
            if (c is < ' ' or > '~' || (blank && c == ' '))
            {
                return false;
            }

            blank = c == ' ';
        }

        return text.Length == 0 || !blank;
    }

    static bool WellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsSurrogate(text[i]) && !(i + 1 < text.Length && char.IsSurrogatePair(text[i], text[++i])))
            {
                return false;
            }
        }

        return true;
    }

    static string Collapse(string text, bool keepLineBreaks)
    {
        var clean = new StringBuilder(text.Length);
        var (space, line) = (false, false);
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c))
            {
                space = true;
                line |= c is '\n' or '\r' or '\u0085' or '\u2028' or '\u2029';
            }
            else if (!char.IsControl(c) && c != ByteOrderMark)
            {
                if (space && clean.Length > 0)
                {
                    clean.Append(line && keepLineBreaks ? '\n' : ' ');
                }

                (space, line) = (false, false);
                clean.Append(c);
            }
        }

        return clean.ToString();
    }
}
