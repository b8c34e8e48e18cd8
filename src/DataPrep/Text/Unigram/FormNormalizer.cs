using DataPrep.Text.Unicode;

namespace DataPrep.Text.Unigram;

/// <summary>Unicode normalization form C or D.</summary>
sealed class FormNormalizer(bool compose) : TextNormalizer
{
    public override bool Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        if (!text.ContainsAnyExceptInRange('\0', '\u00BF'))
        {
            return false;
        }

        output.Add(compose ? UnicodeNormalization.ToNfc(text.ToString()) : UnicodeNormalization.ToNfd(text.ToString()));
        return true;
    }
}
