using System.Buffers;
using System.Text;

namespace DataPrep.Text.Unigram;

/// <summary>
/// SentencePiece's normalization by a <see cref="CharsMap"/> as Hugging Face tokenizers does it: a grapheme cluster of less than six bytes is replaced as a whole by what the shortest
/// matching key says; longer ones, and those without a key, character by character.
/// </summary>
sealed class CharsMapNormalizer : TextNormalizer
{
    readonly CharsMap map;

    // Characters that stay as they are wherever both neighbours stand alone.
    readonly bool[] kept = new bool[0x10000];
    readonly SearchValues<char> keptAscii;

    public CharsMapNormalizer(CharsMap map)
    {
        this.map = map;
        Span<byte> bytes = stackalloc byte[4];
        for (var c = 0; c < kept.Length; c++)
        {
            if (!Rune.TryCreate(c, out var rune) || !Graphemes.StandsAlone((char)c))
            {
                continue;
            }

            var text = bytes[..rune.EncodeToUtf8(bytes)];
            kept[c] = !map.TryFind(text, out var replacement) || replacement.SequenceEqual(text);
        }

        keptAscii = SearchValues.Create([.. Enumerable.Range(0, 0x80).Where(c => kept[c]).Select(static c => (char)c)]);
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
                var length = Graphemes.Length(text[end..]);
                AppendCluster(text.Slice(end, length), output);
                end += length;
            }

            from = end;
        }

        return changed;
    }

    int KeptUntil(ReadOnlySpan<char> text, int from)
    {
        var i = from;
        while (i < text.Length)
        {
            var run = text[i..].IndexOfAnyExcept(keptAscii);
            i = run < 0 ? text.Length : i + run;
            while (i < text.Length && kept[text[i]] && !keptAscii.Contains(text[i]))
            {
                i++;
            }

            if (i < text.Length && !kept[text[i]])
            {
                // A character that does not stand alone may join the last one.
                return i > from && !Graphemes.StandsAlone(text[i]) ? i - 1 : i;
            }
        }

        return i;
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
}
