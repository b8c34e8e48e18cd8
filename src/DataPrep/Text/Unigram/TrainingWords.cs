using System.Text;

namespace DataPrep.Text.Unigram;

/// <summary>Distinct segments of a training text over an alphabet: characters end to end, where each starts, and how often it occurs.</summary>
/// <param name="Characters">All segments.</param>
/// <param name="Starts">Where each starts, and the end of the last.</param>
/// <param name="Counts">How often each occurs.</param>
/// <param name="Alphabet">Characters of the alphabet and how often they occur, in ordinal order.</param>
sealed record TrainingWords(string Characters, int[] Starts, long[] Counts, IReadOnlyList<(string Character, long Count)> Alphabet)
{
    /// <summary>Number of segments.</summary>
    public int Count => Counts.Length;

    public ReadOnlySpan<char> this[int number] => Characters.AsSpan(Starts[number]..Starts[number + 1]);

    /// <summary>Covers so large a share of the text by the most frequent characters; segments are cut where another stands, as it is unknown anyhow.</summary>
    public static TrainingWords Of(List<(string Segment, long Count)> segments, char mark, double coverage)
    {
        var counts = new Dictionary<Rune, long>();
        foreach (var (segment, count) in segments)
        {
            foreach (var character in segment.EnumerateRunes())
            {
                counts[character] = counts.GetValueOrDefault(character) + count;
            }
        }

        var (total, covered) = (counts.Values.Sum(), 0L);
        var alphabet = new Dictionary<Rune, long>();
        foreach (var (character, count) in counts.OrderByDescending(static entry => entry.Value).ThenBy(static entry => entry.Key))
        {
            if (character.Value != mark && covered >= coverage * total)
            {
                continue;
            }

            covered += count;
            alphabet[character] = count;
        }

        var parts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (segment, count) in segments)
        {
            foreach (var part in Parts(segment, alphabet))
            {
                parts[part] = parts.GetValueOrDefault(part) + count;
            }
        }

        var words = parts.Select(static entry => (Word: entry.Key, Count: entry.Value)).OrderBy(static entry => entry.Word, StringComparer.Ordinal).ToArray();
        var starts = new int[words.Length + 1];
        for (var i = 0; i < words.Length; i++)
        {
            starts[i + 1] = checked(starts[i] + words[i].Word.Length);
        }

        return new TrainingWords(
            string.Concat(words.Select(static word => word.Word)),
            starts,
            [.. words.Select(static word => word.Count)],
            [.. alphabet.Select(static entry => (entry.Key.ToString(), entry.Value)).OrderBy(static entry => entry.Item1, StringComparer.Ordinal)]);
    }

    static IEnumerable<string> Parts(string segment, Dictionary<Rune, long> alphabet)
    {
        var start = 0;
        for (var i = 0; i < segment.Length;)
        {
            var character = Rune.GetRuneAt(segment, i);
            if (!alphabet.ContainsKey(character))
            {
                if (i > start)
                {
                    yield return segment[start..i];
                }

                start = i + character.Utf16SequenceLength;
            }

            i += character.Utf16SequenceLength;
        }

        if (start < segment.Length)
        {
            yield return segment[start..];
        }
    }
}
