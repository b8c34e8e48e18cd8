using System.Buffers;
using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>Hugging Face's Nmt normalizer, the part of SentencePiece's nmt_nfkc that is not NFKC: control characters go, other white space and invisible characters become spaces.</summary>
sealed class NmtNormalizer : TextNormalizer
{
    static readonly SearchValues<char> Changed = SearchValues.Create([.. Enumerable.Range(1, 0xFFFF).Select(static c => (char)c).Where(static c => IsRemoved(c) || IsSpace(c))]);

    public override bool Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        var next = text.IndexOfAny(Changed);
        if (next < 0)
        {
            return false;
        }

        for (; next >= 0; next = text.IndexOfAny(Changed))
        {
            output.Add(text[..next]);
            if (!IsRemoved(text[next]))
            {
                output.Add(' ');
            }

            text = text[(next + 1)..];
        }

        output.Add(text);
        return true;
    }

    static bool IsRemoved(char c) => c is (>= '\u0001' and <= '\u0008') or '\u000B' or (>= '\u000E' and <= '\u001F') or '\u007F' or '\u008F' or '\u009F';

    static bool IsSpace(char c) => c is '\t' or '\n' or '\f' or '\r' or '\u1680' or (>= '\u200B' and <= '\u200F') or '\u2028' or '\u2029' or '\u2581' or '\uFEFF' or '\uFFFD';

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "Nmt");
    }
}
