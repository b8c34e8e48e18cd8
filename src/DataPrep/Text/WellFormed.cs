namespace DataPrep.Text;

/// <summary>Text without lone surrogates, as UTF-8 can hold it.</summary>
static class WellFormed
{
    /// <summary>The same text where it has none; else each as U+FFFD.</summary>
    public static string Of(string text)
    {
        var formed = Of(text.AsSpan());
        return formed == text.AsSpan() ? text : formed.ToString();
    }

    /// <summary>The same text where it has none; else each as U+FFFD.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> text)
    {
        char[]? changed = null;
        for (var i = text.IndexOfAnyInRange('\uD800', '\uDFFF'); i >= 0 && i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]))
            {
                i++;
                continue;
            }

            changed ??= text.ToArray();
            changed[i] = '\uFFFD';
        }

        return changed ?? text;
    }
}
