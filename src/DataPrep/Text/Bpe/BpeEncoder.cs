using System.Runtime.InteropServices;

namespace DataPrep.Text.Bpe;

/// <summary>Text to ids, with the words seen so far and the room of one thread.</summary>
sealed class BpeEncoder(BpeModel model, BpeVocabulary vocabulary, BpeAddedTokens? added) : WordReader(model)
{
    // Longer words seldom come back; more of them than this and memory would follow the corpus.
    const int LongestKept = 48, MostKept = 1 << 18;

    readonly BpeScratch scratch = new();
    readonly SpanTable words = new();
    readonly List<int> starts = [0];
    readonly List<int> arena = [];
    readonly List<int> merged = [];
    int room;
    bool full;

    /// <summary>Ids of the last text; where they were cut, a few more than was asked for.</summary>
    public List<int> Ids { get; } = [];

    protected override bool IsFull => full;

    /// <summary>Reads a text until there are so many ids.</summary>
    /// <param name="text">A text without lone surrogates.</param>
    /// <param name="most">Ids after which it stops, at the end of a word: added tokens do not stop it, as in Hugging Face's.</param>
    public void Encode(string text, int most)
    {
        Ids.Clear();
        (room, full) = (most, most == 0);
        for (var (position, search) = (0, 0); !full;)
        {
            var token = BpeAddedTokens.Next(added!.Raw, text, position, ref search, out var start, out var end);
            if (start > position)
            {
                Normalized(text.AsSpan(position, start - position), position == 0);
            }

            if (token is null || full)
            {
                break;
            }

            Ids.Add(token.Id);
            position = end;
        }
    }

    void Normalized(ReadOnlySpan<char> text, bool first)
    {
        text = Normalize(text);
        if (added!.Normalized is null)
        {
            Words(text, first);
            return;
        }

        for (var (position, search) = (0, 0); !full;)
        {
            var token = BpeAddedTokens.Next(added.Normalized, text, position, ref search, out var start, out var end);
            if (start > position)
            {
                Words(text[position..start], first && position == 0);
            }

            if (token is null || full)
            {
                break;
            }

            Ids.Add(token.Id);
            position = end;
        }
    }

    protected override void Word(ReadOnlySpan<char> word)
    {
        if (word.Length > LongestKept)
        {
            vocabulary.AppendIds(word, scratch, Ids);
            full = Ids.Count >= room;
            return;
        }

        var hash = SpanTable.Hash(word);
        var number = words.Find(word, hash);
        if (number < 0)
        {
            number = Keep(word, hash);
        }

        var bounds = CollectionsMarshal.AsSpan(starts);
        Ids.AddRange(CollectionsMarshal.AsSpan(arena)[bounds[number]..bounds[number + 1]]);
        full = Ids.Count >= room;
    }

    int Keep(ReadOnlySpan<char> word, uint hash)
    {
        merged.Clear();
        vocabulary.AppendIds(word, scratch, merged);
        if (words.Count == MostKept)
        {
            words.Clear();
            arena.Clear();
            starts.RemoveRange(1, starts.Count - 1);
        }

        arena.AddRange(merged);
        starts.Add(arena.Count);
        return words.Add(word, hash);
    }
}
