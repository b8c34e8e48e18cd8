namespace DataPrep.Text.Bpe;

/// <summary>Text to ids, with the words seen so far and the room of one thread.</summary>
sealed class BpeEncoder(BpeModel model, BpeVocabulary vocabulary, BpeAddedTokens? added) : WordReader(model)
{
    readonly BpeScratch scratch = new();
    readonly IdCache cache = new();
    int room;
    bool full;

    /// <summary>Ids of the last text; where they were cut, a few more than was asked for.</summary>
    public IdBuffer Ids { get; } = new();

    protected override bool IsFull => full;

    /// <summary>Reads a text until there are so many ids.</summary>
    /// <param name="text">A text without lone surrogates.</param>
    /// <param name="most">Ids after which it stops, at the end of a word: added tokens do not stop it, as in Hugging Face's.</param>
    public void Encode(string text, int most)
    {
        Ids.Count = 0;
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
        if (IdKey.TryOf(word, out var key))
        {
            if (!cache.TryAppend(key, Ids))
            {
                var from = Ids.Count;
                vocabulary.AppendIds(word, scratch, Ids);
                cache.Keep(key, Ids.Ids[from..]);
            }
        }
        else
        {
            AppendLong(word);
        }

        full = Ids.Count >= room;
    }

    void AppendLong(ReadOnlySpan<char> word)
    {
        var hash = SpanTable.Hash(word);
        if (!cache.TryAppend(word, hash, Ids))
        {
            var from = Ids.Count;
            vocabulary.AppendIds(word, scratch, Ids);
            cache.Keep(word, hash, Ids.Ids[from..]);
        }
    }
}
