using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace DataPrep.Text.Bpe;

/// <summary>The pieces of a model and the merging of words (Sennrich et al., 2016), as Hugging Face's BPE does it. Immutable, thread-safe.</summary>
sealed class BpeVocabulary
{
    // Up to so many symbols the lowest rank is searched in all of them at each merge; beyond, a heap keeps that from growing with the square of the length.
    const int MostScanned = BpeScratch.Slots - 8;

    readonly BpeModel model;
    readonly BpeMerges merges;
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> pieces;
    readonly int[] byteIds = new int[256];
    readonly int[] fallbackIds = new int[256];
    readonly bool marked;
    readonly int unknownId;

    public BpeVocabulary(BpeModel model, string source)
    {
        this.model = model;
        pieces = model.Pieces.GetAlternateLookup<ReadOnlySpan<char>>();
        merges = new BpeMerges([.. model.Merges.Select((merge, rank) => Ids(merge.Left, merge.Right, rank, source))]);
        marked = model.ContinuationPrefix.Length + model.EndOfWordSuffix.Length > 0;
        unknownId = model.UnknownToken is { } unknown ? IdOf(unknown) : -1;
        for (var value = 0; value < 256; value++)
        {
            byteIds[value] = IdOf(ByteLevelAlphabet.Characters.Slice(value, 1));
            fallbackIds[value] = IdOf($"<0x{value:X2}>");
        }
    }

    /// <summary>Id of a piece, or -1.</summary>
    public int IdOf(ReadOnlySpan<char> piece) => pieces.TryGetValue(piece, out var id) ? id : -1;

    /// <summary>Appends the ids of a word.</summary>
    /// <param name="word">A word of one character or more, without lone surrogates.</param>
    /// <param name="scratch">Room of this thread.</param>
    /// <param name="ids">Takes the ids.</param>
    public void AppendIds(ReadOnlySpan<char> word, BpeScratch scratch, IdBuffer ids)
    {
        if (model.IgnoreMerges && Whole(word) is >= 0 and var id)
        {
            ids.Add(id);
            return;
        }

        scratch.Clear();
        if (!model.ByteLevel)
        {
            AddCharacters(word, scratch);
        }
        else if (marked || !TryAddBytes(word, scratch))
        {
            scratch.Clear();
            AddCharacters(Spelled(word), scratch);
        }

        if (scratch.Count <= MostScanned)
        {
            Scan(scratch, ids);
        }
        else
        {
            MergeByHeap(scratch, ids);
        }
    }

    int Whole(ReadOnlySpan<char> word)
    {
        if (!model.ByteLevel)
        {
            return IdOf(word);
        }

        if (word.Length > 256)
        {
            return IdOf(Spelled(word));
        }

        Span<byte> bytes = stackalloc byte[768];
        Span<char> spelling = stackalloc char[768];
        var length = Encoding.UTF8.GetBytes(word, bytes);
        for (var i = 0; i < length; i++)
        {
            spelling[i] = ByteLevelAlphabet.Characters[bytes[i]];
        }

        return IdOf(spelling[..length]);
    }

    static string Spelled(ReadOnlySpan<char> word)
    {
        var bytes = Encoding.UTF8.GetBytes(word.ToArray());
        return string.Create(bytes.Length, bytes, static (spelling, bytes) =>
        {
            for (var i = 0; i < bytes.Length; i++)
            {
                spelling[i] = ByteLevelAlphabet.Characters[bytes[i]];
            }
        });
    }

    // False where a byte has no piece.
    bool TryAddBytes(ReadOnlySpan<char> word, BpeScratch scratch)
    {
        Span<byte> bytes = stackalloc byte[4];
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] < 0x80)
            {
                if (byteIds[word[i]] < 0)
                {
                    return false;
                }

                scratch.Add(byteIds[word[i]]);
                continue;
            }

            Rune.DecodeFromUtf16(word[i..], out var rune, out var consumed);
            i += consumed - 1;
            foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
            {
                if (byteIds[value] < 0)
                {
                    return false;
                }

                scratch.Add(byteIds[value]);
            }
        }

        return true;
    }

    void AddCharacters(ReadOnlySpan<char> word, BpeScratch scratch)
    {
        var unknown = false;
        for (var (start, length) = (0, 0); start < word.Length; start += length)
        {
            Rune.DecodeFromUtf16(word[start..], out _, out length);
            var character = Marked(word, start, length);
            var id = IdOf(character);
            if (id >= 0)
            {
                if (unknown)
                {
                    scratch.Add(Unknown(character));
                    unknown = false;
                }

                scratch.Add(id);
            }
            else if (model.ByteFallback && TryAddFallback(character, scratch))
            {
                // As in Hugging Face's, an unknown token that waits comes after the bytes.
            }
            else if (model.UnknownToken is not null)
            {
                if (unknown && !model.FuseUnknown)
                {
                    scratch.Add(Unknown(character));
                }

                unknown = Unknown(character) >= 0;
            }
        }

        if (unknown)
        {
            scratch.Add(unknownId);
        }
    }

    ReadOnlySpan<char> Marked(ReadOnlySpan<char> word, int start, int length) => marked
        ? $"{(start > 0 ? model.ContinuationPrefix : string.Empty)}{word.Slice(start, length)}{(start + length == word.Length ? model.EndOfWordSuffix : string.Empty)}"
        : word.Slice(start, length);

    bool TryAddFallback(ReadOnlySpan<char> character, BpeScratch scratch)
    {
        var bytes = Encoding.UTF8.GetBytes(character.ToArray());
        if (!Array.TrueForAll(bytes, value => fallbackIds[value] >= 0))
        {
            return false;
        }

        foreach (var value in bytes)
        {
            scratch.Add(fallbackIds[value]);
        }

        return true;
    }

    int Unknown(ReadOnlySpan<char> character) => unknownId >= 0
        ? unknownId
        : throw new DataPrepException($"The character \"{character}\" has no piece, and neither has the unknown token \"{model.UnknownToken}\". Expected a vocabulary that has its unknown token.");

    // Each place holds the rank of the pair it begins and itself, so that the least of all is the next to merge and tells where it is.
    void Scan(BpeScratch scratch, IdBuffer ids)
    {
        const int Nothing = int.MaxValue;
        var (symbols, count) = (scratch.Symbols, scratch.Count);
        var (keys, before, after) = (scratch.Keys, scratch.Before, scratch.After);
        var vectors = (count + Vector256<int>.Count - 1) / Vector256<int>.Count;
        for (var i = 0; i < count; i++)
        {
            (before[i], after[i]) = ((byte)(i - 1), (byte)(i + 1));
            keys[i] = i + 1 < count ? Key(i, i + 1) : Nothing;
        }

        keys.AsSpan(count, (vectors * Vector256<int>.Count) - count).Fill(Nothing);
        while (Least(keys, vectors) is var least and not Nothing)
        {
            var (place, rank) = (least % BpeScratch.Slots, least / BpeScratch.Slots);
            var gone = after[place];
            var next = after[gone];
            symbols[place] = merges.Merged(rank);
            keys[gone] = Nothing;
            after[place] = next;
            keys[place] = Nothing;
            if (next < count)
            {
                before[next] = (byte)place;
                keys[place] = Key(place, next);
            }

            if (place > 0)
            {
                keys[before[place]] = Key(before[place], place);
            }
        }

        for (var i = 0; i < count; i = after[i])
        {
            ids.Add(symbols[i]);
        }

        int Key(int left, int right) => merges.Rank(symbols[left], symbols[right]) is var rank and not BpeMerges.None ? (rank * BpeScratch.Slots) + left : Nothing;
    }

    static int Least(int[] keys, int vectors)
    {
        ref var first = ref MemoryMarshal.GetArrayDataReference(keys);
        var least = Vector256.LoadUnsafe(ref first);
        for (var i = 1; i < vectors; i++)
        {
            least = Vector256.Min(least, Vector256.LoadUnsafe(ref first, (nuint)(i * Vector256<int>.Count)));
        }

        var half = Vector128.Min(least.GetLower(), least.GetUpper());
        half = Vector128.Min(half, Vector128.Shuffle(half, Vector128.Create(2, 3, 0, 1)));
        return Math.Min(half[0], half[1]);
    }

    void MergeByHeap(BpeScratch scratch, IdBuffer ids)
    {
        const int Gone = -1;
        var (symbols, before, after, queue, count) = (scratch.Symbols, scratch.Left, scratch.Right, scratch.Queue, scratch.Count);
        queue.Clear();
        for (var i = 0; i < count; i++)
        {
            (before[i], after[i]) = (i - 1, i + 1);
        }

        for (var i = 0; i + 1 < count; i++)
        {
            Offer(i);
        }

        while (queue.TryDequeue(out var place, out var priority))
        {
            // Of a pair that has changed since it was offered nothing is done; what it is now was offered too.
            var (next, rank) = (symbols[place] == Gone ? count : after[place], (int)(priority >> 32));
            if (next >= count || merges.Rank(symbols[place], symbols[next]) != rank)
            {
                continue;
            }

            symbols[place] = merges.Merged(rank);
            symbols[next] = Gone;
            after[place] = after[next];
            if (after[place] < count)
            {
                before[after[place]] = place;
                Offer(place);
            }

            if (before[place] >= 0)
            {
                Offer(before[place]);
            }
        }

        for (var i = 0; i < count; i = after[i])
        {
            ids.Add(symbols[i]);
        }

        void Offer(int place)
        {
            var rank = merges.Rank(symbols[place], symbols[after[place]]);
            if (rank != BpeMerges.None)
            {
                queue.Enqueue(place, ((long)rank << 32) | (uint)place);
            }
        }
    }

    (int Left, int Right, int Merged) Ids(string left, string right, int rank, string source)
    {
        var prefix = model.ContinuationPrefix;
        var rest = right.StartsWith(prefix, StringComparison.Ordinal) ? right.AsSpan(prefix.Length)
            : throw new DataPrepException($"{source}: merge {rank} joins \"{right}\" on, which has no \"{prefix}\" before it. Expected the continuing_subword_prefix.");
        return (Id(left), Id(right), Id(string.Concat(left, rest)));

        int Id(string piece) => model.Pieces.TryGetValue(piece, out var id)
            ? id
            : throw new DataPrepException($"{source}: merge {rank}, \"{left}\" and \"{right}\", needs the piece \"{piece}\". Expected one of the {model.Pieces.Count} of the vocabulary.");
    }
}
