using System.Runtime.InteropServices;

namespace DataPrep.Text.Bpe;

/// <summary>
/// Learns merges as Hugging Face's BpeTrainer does: the most frequent pair first, of equals the one with smaller ids. As there, the count of a pair that was merged stays, so that a pair
/// that comes up again, after another merge made the same piece, counts all its occurrences; the last place of a pair in the list of merges is its rank.
/// </summary>
sealed class BpeMerger
{
    readonly List<string> pieces;
    readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    readonly List<int[]> words = [];
    readonly List<int> lengths = [];
    readonly List<long> counts = [];
    readonly Dictionary<(int Left, int Right), Pair> pairs = [];
    readonly PriorityQueue<(int Left, int Right), Priority> queue = new();
    readonly HashSet<(int Left, int Right)> changed = [];
    readonly List<(int Left, int Right)> merges = [];

    /// <param name="pieces">Pieces there are, by id; takes the new ones.</param>
    /// <param name="words">Words as ids of their characters, and how often they occur.</param>
    public BpeMerger(List<string> pieces, IEnumerable<(int[] Word, long Count)> words)
    {
        this.pieces = pieces;
        for (var id = 0; id < pieces.Count; id++)
        {
            ids[pieces[id]] = id;
        }

        foreach (var (word, count) in words)
        {
            for (var i = 1; i < word.Length; i++)
            {
                Change((word[i - 1], word[i]), count, this.words.Count);
            }

            this.words.Add(word);
            lengths.Add(word.Length);
            counts.Add(count);
        }
    }

    /// <summary>Merges until there are so many pieces or no pair is frequent enough; returns the merges in rank order.</summary>
    public List<(string Left, string Right)> Run(int vocabularySize, long minFrequency, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        Enqueue();
        while (pieces.Count < vocabularySize && queue.TryDequeue(out var pair, out var priority))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var entry = pairs[pair];
            if (entry.Words.Count == 0)
            {
                continue;
            }

            if (entry.Count != priority.Count)
            {
                queue.Enqueue(pair, new Priority(entry.Count, pair.Left, pair.Right));
                continue;
            }

            if (entry.Count < Math.Max(1, minFrequency))
            {
                break;
            }

            Merge(pair, entry);
            Enqueue();
            if (pieces.Count % 256 == 0)
            {
                progress?.Report(new StageProgress(pieces.Count, vocabularySize, "pieces", "merging pairs"));
            }
        }

        progress?.Report(new StageProgress(pieces.Count, pieces.Count, "pieces", "merging pairs"));
        var seen = new HashSet<(int Left, int Right)>();
        return [.. merges.AsEnumerable().Reverse().Where(seen.Add).Reverse().Select(pair => (pieces[pair.Left], pieces[pair.Right]))];
    }

    void Merge((int Left, int Right) pair, Pair entry)
    {
        var spelling = pieces[pair.Left] + pieces[pair.Right];
        if (!ids.TryGetValue(spelling, out var merged))
        {
            ids[spelling] = merged = pieces.Count;
            pieces.Add(spelling);
        }

        merges.Add(pair);
        var occurrences = entry.Words;
        entry.Words = [];
        entry.Last = -1;
        foreach (var number in occurrences)
        {
            MergeIn(number, pair, merged);
        }
    }

    void MergeIn(int number, (int Left, int Right) pair, int merged)
    {
        var word = words[number].AsSpan(0, lengths[number]);
        var count = counts[number];
        var length = 0;
        for (var i = 0; i < word.Length; i++)
        {
            if (i + 1 == word.Length || word[i] != pair.Left || word[i + 1] != pair.Right)
            {
                word[length++] = word[i];
                continue;
            }

            // The neighbour before is already merged where it was an occurrence too; the one after still stands as it was.
            if (length > 0)
            {
                Change((word[length - 1], pair.Left), -count, number);
                Change((word[length - 1], merged), count, number);
            }

            if (i + 2 < word.Length)
            {
                Change((pair.Right, word[i + 2]), -count, number);
                Change((merged, word[i + 2]), count, number);
            }

            word[length++] = merged;
            i++;
        }

        lengths[number] = length;
    }

    void Change((int Left, int Right) pair, long count, int word)
    {
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(pairs, pair, out _);
        entry ??= new Pair();
        entry.Count += count;
        if (count <= 0)
        {
            return;
        }

        changed.Add(pair);
        if (entry.Last != word)
        {
            entry.Words.Add(word);
            entry.Last = word;
        }
    }

    void Enqueue()
    {
        foreach (var pair in changed)
        {
            if (pairs[pair] is { Count: > 0 } entry)
            {
                queue.Enqueue(pair, new Priority(entry.Count, pair.Left, pair.Right));
            }
        }

        changed.Clear();
    }

    sealed class Pair
    {
        public long Count { get; set; }

        /// <summary>Words that hold or once held the pair and have not been merged; a word may stand twice.</summary>
        public List<int> Words { get; set; } = [];

        public int Last { get; set; } = -1;
    }

    readonly record struct Priority(long Count, int Left, int Right) : IComparable<Priority>
    {
        // The heap gives the least first: more frequent, then smaller ids.
        public int CompareTo(Priority other) =>
            Count != other.Count ? other.Count.CompareTo(Count) : Left != other.Left ? Left.CompareTo(other.Left) : Right.CompareTo(other.Right);
    }
}
