using System.Runtime.InteropServices;
using DataPrep.Text.Unicode;

namespace DataPrep.Text.Unigram;

/// <summary>
/// The pieces that training starts from: every character of the alphabet, and the substrings that occur twice or more and can be followed by more than one thing, those that cover most text
/// first. Substrings are grown character by character: only those that occur twice are grown on. A piece has one script, and the mark of a space at its start alone.
/// </summary>
sealed class SeedPieces(TrainingWords words, char mark, int maxLength)
{
    const byte Common = 1, Inherited = 2;

    readonly byte[] scripts = Scripts(words.Characters, mark);
    Group[] groups = [];

    /// <summary>Pieces and the logarithms of their shares.</summary>
    /// <param name="most">Most substrings of two characters or more.</param>
    /// <param name="cancellationToken">Stops between lengths.</param>
    public List<UnigramPiece> Find(int most, CancellationToken cancellationToken)
    {
        var found = new List<(int Start, int Length, long Weight)>();
        var (places, classes) = Begin();
        for (var length = 1; places.Length > 0; length++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var before = groups;
            (places, classes) = Grow(places, classes, length);
            foreach (var group in before)
            {
                // Characters come from the alphabet; a substring that one character always follows says no more than the longer one.
                if (group.Count >= 2 && group.MostFollowed < group.Count && IsPiece(group.Start, length))
                {
                    found.Add((group.Start, length, group.Count * length));
                }
            }
        }

        var text = words.Characters;
        found.Sort((x, y) => x.Weight != y.Weight ? y.Weight.CompareTo(x.Weight) : text.AsSpan(x.Start, x.Length).SequenceCompareTo(text.AsSpan(y.Start, y.Length)));
        var weights = words.Alphabet.Select(static c => (Text: c.Character, Weight: c.Count)).Concat(found.Take(most).Select(f => (Text: text.Substring(f.Start, f.Length), f.Weight))).ToArray();
        var total = Math.Log(weights.Sum(static w => (double)w.Weight));
        return [.. weights.Select(w => new UnigramPiece(w.Text, Math.Log(w.Weight) - total))];
    }

    // Places where a character starts, by the group of the substrings of one character that are equal.
    (int[] Places, int[] Classes) Begin()
    {
        var (places, classes, found) = (new List<int>(), new List<int>(), new List<Group>());
        var numbers = new Dictionary<char, int>();
        for (var word = 0; word < words.Count; word++)
        {
            for (var i = words.Starts[word]; i < words.Starts[word + 1]; i++)
            {
                if (char.IsLowSurrogate(words.Characters[i]))
                {
                    continue;
                }

                ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, words.Characters[i], out var known);
                if (!known)
                {
                    number = found.Count;
                    found.Add(new Group { Start = i });
                }

                CollectionsMarshal.AsSpan(found)[number].Count += words.Counts[word];
                places.Add(i);
                classes.Add(number);
            }
        }

        groups = [.. found];
        return ([.. places], [.. classes]);
    }

    // One character on: the groups become those of the longer substrings, and the old ones learn how often the most frequent follower comes.
    (int[] Places, int[] Classes) Grow(int[] places, int[] classes, int length)
    {
        var old = groups;
        var (grownPlaces, grownClasses, grown) = (new List<int>(), new List<int>(), new List<Group>());
        var numbers = new Dictionary<long, int>();
        var word = 0;
        for (var i = 0; i < places.Length; i++)
        {
            var end = places[i] + length;
            while (words.Starts[word + 1] <= places[i])
            {
                word++;
            }

            if (end == words.Starts[word + 1] || old[classes[i]].Count < 2)
            {
                continue;
            }

            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, ((long)classes[i] << 16) | words.Characters[end], out var known);
            if (!known)
            {
                number = grown.Count;
                grown.Add(new Group { Start = places[i], Parent = classes[i] });
            }

            CollectionsMarshal.AsSpan(grown)[number].Count += words.Counts[word];
            if (length < maxLength && MayGrow(places[i], end))
            {
                grownPlaces.Add(places[i]);
                grownClasses.Add(number);
            }
        }

        foreach (var group in grown)
        {
            ref var parent = ref old[group.Parent];
            parent.MostFollowed = Math.Max(parent.MostFollowed, group.Count);
        }

        groups = [.. grown];
        return ([.. grownPlaces], [.. grownClasses]);
    }

    // Whether the substring up to and with the character at the end can be the start of a piece.
    bool MayGrow(int start, int end)
    {
        var script = ScriptOf(start, end);
        return words.Characters[end] != mark && (scripts[end] == 0 || script == 0 || script == scripts[end]);
    }

    byte ScriptOf(int start, int end)
    {
        for (var i = start; i < end; i++)
        {
            if (scripts[i] != 0)
            {
                return scripts[i];
            }
        }

        return 0;
    }

    bool IsPiece(int start, int length)
    {
        var piece = words.Characters.AsSpan(start, length);
        var characters = length - Surrogates(piece);
        return characters > 1 && length <= maxLength && !char.IsHighSurrogate(piece[^1]) && !piece[1..].Contains(mark) && ScriptsAgree(start, start + length);
    }

    static int Surrogates(ReadOnlySpan<char> piece)
    {
        var count = 0;
        foreach (var c in piece)
        {
            count += char.IsLowSurrogate(c) ? 1 : 0;
        }

        return count;
    }

    bool ScriptsAgree(int start, int end)
    {
        var script = ScriptOf(start, end);
        for (var i = start; i < end; i++)
        {
            if (scripts[i] != 0 && scripts[i] != script)
            {
                return false;
            }
        }

        return true;
    }

    // 0 where any script goes: the mark, combining marks, and the second half of a character.
    static byte[] Scripts(string text, char mark)
    {
        var scripts = new byte[text.Length];
        for (var i = 0; i < text.Length; i++)
        {
            var pair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length;
            var script = UnicodeScripts.Of(pair ? char.ConvertToUtf32(text[i], text[i + 1]) : text[i]);
            scripts[i] = text[i] == mark || script == Inherited ? (byte)0 : Math.Max(script, Common);
            i += pair ? 1 : 0;
        }

        return scripts;
    }

    [StructLayout(LayoutKind.Auto)]
    struct Group
    {
        public int Start;
        public int Parent;
        public long Count;
        public long MostFollowed;
    }
}
