using System.Buffers;
using System.Text;
using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>
/// SentencePiece's normalization by a <see cref="CharsMap"/> as Hugging Face tokenizers does it: a grapheme cluster of less than six bytes is replaced as a whole by what the shortest
/// matching key says; longer ones, and those without a key, character by character.
/// </summary>
sealed class CharsMapNormalizer : TextNormalizer
{
    // Also of characters that do not stand alone. The character U+0000 itself is no exception: it has no key.
    const char Longer = '\0';

    // Characters read one by one after a run of kept ASCII, before the next run is looked for.
    const int Stride = 64;

    readonly CharsMap map;

    // What a character becomes wherever both neighbours stand alone: itself, another one character, or something longer.
    readonly char[] alone = new char[0x10000];
    readonly SearchValues<char> keptAscii;

    public CharsMapNormalizer(CharsMap map)
    {
        this.map = map;
        Span<byte> bytes = stackalloc byte[4];
        for (var c = 0; c < alone.Length; c++)
        {
            if (!Rune.TryCreate(c, out var rune) || !Graphemes.StandsAlone((char)c))
            {
                continue;
            }

            var text = bytes[..rune.EncodeToUtf8(bytes)];
            alone[c] = !map.TryFind(text, out var replacement) ? (char)c
                : Rune.DecodeFromUtf8(replacement, out var other, out var length) == OperationStatus.Done && length == replacement.Length && other.IsBmp ? (char)other.Value
                : Longer;
        }

        keptAscii = SearchValues.Create([.. Enumerable.Range(1, 0x7F).Where(c => alone[c] == c).Select(static c => (char)c)]);
    }

    public override bool Apply(ReadOnlySpan<char> text, CharBuffer output)
    {
        var changed = false;
        for (var from = 0; from < text.Length;)
        {
            var end = KeptUntil(text, from);
            if (end == text.Length && !changed)
            {
                return false;
            }

            // Nothing is written until something changes.
            if (!changed)
            {
                output.Add(text[..end]);
                changed = true;
            }
            else
            {
                output.Add(text[from..end]);
            }

            if (end < text.Length)
            {
                end += AppendChanged(text[end..], output);
            }

            from = end;
        }

        return changed;
    }

    int KeptUntil(ReadOnlySpan<char> text, int from)
    {
        var table = alone;
        for (var i = from; i < text.Length;)
        {
            var run = text[i..].IndexOfAnyExcept(keptAscii);
            i = run < 0 ? text.Length : i + run;
            var stop = Math.Min(text.Length, i + Stride);
            while (i < stop && IsKept(table, text[i]))
            {
                i++;
            }

            if (i < stop)
            {
                // A character that does not stand alone may join the last one.
                return i > from && !Graphemes.StandsAlone(text[i]) ? i - 1 : i;
            }
        }

        return text.Length;
    }

    static bool IsKept(char[] table, char c) => table[c] == c && c != Longer;

    // Returns the number of characters read.
    int AppendChanged(ReadOnlySpan<char> text, CharBuffer output)
    {
        var other = alone[text[0]];
        if (other != Longer && (text.Length == 1 || Graphemes.StandsAlone(text[1])))
        {
            output.Add(other);
            return 1;
        }

        var length = Graphemes.Length(text);
        AppendCluster(text[..length], output);
        return length;
    }

    void AppendCluster(ReadOnlySpan<char> cluster, CharBuffer output)
    {
        Span<byte> bytes = stackalloc byte[16];
        if (cluster.Length <= 5)
        {
            var length = Encoding.UTF8.GetBytes(cluster, bytes);
            if (length < 6 && map.TryFind(bytes[..length], out var replacement))
            {
                output.AddUtf8(replacement);
                return;
            }
        }

        foreach (var rune in cluster.EnumerateRunes())
        {
            var text = bytes[..rune.EncodeToUtf8(bytes)];
            if (map.TryFind(text, out var replacement))
            {
                output.AddUtf8(replacement);
            }
            else
            {
                output.Add(rune.Value);
            }
        }
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteString("type", "Precompiled");
        json.WriteBase64String("precompiled_charsmap", map.Bytes);
    }
}
