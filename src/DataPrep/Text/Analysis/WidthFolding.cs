using System.Text;

namespace DataPrep.Text.Analysis;

/// <summary>Lucene's CJKWidthFilter: full-width ASCII to ASCII, half-width Katakana to full width with its voicing marks joined.</summary>
static class WidthFolding
{
    // U+FF65 to U+FF9F in order.
    const string Katakana = "・ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A";

    const string Voiced = "カキクケコサシスセソタチツテトハヒフヘホ";

    const string SemiVoiced = "ハヒフヘホ";

    public static string Fold(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uFF01', '\uFF9F'))
        {
            return text;
        }

        var folded = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            switch (c)
            {
                case '\uFF9E' when folded.Length > 0 && Voiced.Contains(folded[^1]):
                    folded[^1] = (char)(folded[^1] + 1);
                    break;
                case '\uFF9E' when folded.Length > 0 && folded[^1] == 'ウ':
                    folded[^1] = 'ヴ';
                    break;
                case '\uFF9F' when folded.Length > 0 && SemiVoiced.Contains(folded[^1]):
                    folded[^1] = (char)(folded[^1] + 2);
                    break;
                case >= '\uFF01' and <= '\uFF5E':
                    folded.Append((char)(c - 0xFEE0));
                    break;
                case >= '\uFF65' and <= '\uFF9F':
                    folded.Append(Katakana[c - '\uFF65']);
                    break;
                default:
                    folded.Append(c);
                    break;
            }
        }

        return folded.ToString();
    }
}
