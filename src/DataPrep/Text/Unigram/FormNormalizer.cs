using System.Buffers;
using System.Text.Json;
using DataPrep.Text.Unicode;
using DataPrep.Text.WordPiece;

namespace DataPrep.Text.Unigram;

/// <summary>A Unicode normalization form, as Hugging Face tokenizers has it: with the data of Unicode 9, so characters that are younger stay as they are.</summary>
sealed class FormNormalizer : TextNormalizer
{
    // Of characters that become several, or whose neighbours matter.
    const char Longer = '\0';

    static readonly Lazy<char[]>[] Tables = [.. Enum.GetValues<UnicodeForm>().Select(static form => new Lazy<char[]>(() => Build(form)))];
    static readonly SearchValues<char> Ascii = SearchValues.Create([.. Enumerable.Range(1, 0x7F).Select(static c => (char)c)]);

    readonly UnicodeForm form;

    // What a character becomes wherever the next one is not Longer.
    readonly char[] alone;

    /// <param name="compose">Form C, else D.</param>
    public FormNormalizer(bool compose)
        : this(compose ? UnicodeForm.Nfc : UnicodeForm.Nfd)
    {
    }

    public FormNormalizer(UnicodeForm form)
    {
        this.form = form;
        alone = Tables[(int)form].Value;
    }

    public override bool Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        var kept = KeptFrom(text, 0);
        if (kept == text.Length)
        {
            return false;
        }

        var from = 0;
        for (var i = kept; ; i = KeptFrom(text, i))
        {
            if (i == text.Length)
            {
                output.Add(text[from..]);
                return true;
            }

            if (alone[text[i]] != Longer)
            {
                // Where a Longer one follows, it takes this one along below.
                if (i + 1 == text.Length || alone[text[i + 1]] != Longer)
                {
                    output.Add(text[from..i]);
                    output.Add(alone[text[i]]);
                    from = i + 1;
                }

                i++;
                continue;
            }

            var start = Math.Max(from, i - 1);
            output.Add(text[from..start]);
            while (i < text.Length && alone[text[i]] == Longer)
            {
                i++;
            }

            AppendChanged(text[start..i], output);
            from = i;
        }
    }

    // Place of the first character that does not stay, or the text's end.
    int KeptFrom(ReadOnlySpan<char> text, int i)
    {
        var table = alone;
        while (i < text.Length)
        {
            if (text[i] < 0x80)
            {
                var run = text[i..].IndexOfAnyExcept(Ascii);
                i = run < 0 ? text.Length : i + run;
            }

            var stop = Math.Min(text.Length, i + 64);
            while (i < stop && table[text[i]] == text[i] && text[i] != Longer)
            {
                i++;
            }

            if (i < stop)
            {
                return i;
            }
        }

        return i;
    }

    void AppendChanged(ReadOnlySpan<char> text, CharBuffer output)
    {
        var from = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var pair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            if (IsYoung(pair ? char.ConvertToUtf32(text[i], text[i + 1]) : text[i]))
            {
                var end = i + (pair ? 2 : 1);
                output.Add(Normalize(form, text[from..i].ToString()));
                output.Add(text[i..end]);
                from = end;
            }

            i += pair ? 1 : 0;
        }

        output.Add(Normalize(form, text[from..].ToString()));
    }

    static string Normalize(UnicodeForm form, string text) => form switch
    {
        UnicodeForm.Nfc => UnicodeNormalization.ToNfc(text),
        UnicodeForm.Nfd => UnicodeNormalization.ToNfd(text),
        UnicodeForm.Nfkc => UnicodeNormalization.ToNfkc(text),
        _ => UnicodeNormalization.ToNfkd(text),
    };

    // Characters with a decomposition or a combining class that Unicode 14 has and Unicode 9 has not.
    static bool IsYoung(int codePoint) =>
        (UnicodeTables.CombiningClass(codePoint) != 0 && BertCharacters.CombiningClass(codePoint) == 0)
        || codePoint is 0x32FF or (>= 0xA7F2 and <= 0xA7F4) or 0xAB69 or (>= 0x10781 and <= 0x107BA) or 0x11938 or 0x1F16C or (>= 0x1FBF0 and <= 0x1FBF9);

    static char[] Build(UnicodeForm form)
    {
        var table = new char[0x10000];
        for (var c = 1; c < table.Length; c++)
        {
            if (char.IsSurrogate((char)c))
            {
                continue;
            }

            if (IsYoung(c))
            {
                table[c] = (char)c;
                continue;
            }

            var normal = Normalize(form, ((char)c).ToString());
            table[c] = normal.Length == 1 && UnicodeTables.CombiningClass(normal[0]) == 0 && (form is UnicodeForm.Nfd or UnicodeForm.Nfkd || UnicodeTables.IsSafeForNfc(normal[0])) ? normal[0] : Longer;
        }

        return table;
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", form.ToString().ToUpperInvariant());
    }
}
