using System.Runtime.InteropServices;

namespace DataPrep.Text.WordPiece;

/// <summary>
/// Merges the most frequent pair of neighbouring pieces until the vocabulary is full. Counts of pairs are kept up to date word by word, the next pair comes from a heap whose stale
/// entries are put back with their true count.
/// </summary>
sealed class PairMerger
{
    readonly List<string?> pieces;
    readonly Dictionary<string, int> ids = new(StringComparer.Ordinal);
    readonly List<int[]> words = [];
    readonly List<int> lengths = [];
    readonly List<long> counts = [];
    readonly Dictionary<(int Left, int Right), Pair> pairs = [];
    readonly PriorityQueue<(int Left, int Right), Priority> queue = new();
    readonly HashSet<(int Left, int Right)> changed = [];

    public PairMerger(List<string?> pieces, IEnumerable<(int[] Word, long Count)> words)
    {
        this.pieces = pieces;
        for (var id = 0; id < pieces.Count; id++)
        {
            ids[pieces[id]!] = id;
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

    public void Run(int vocabularySize, long minFrequency, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        Enqueue();
        while (pieces.Count < vocabularySize && queue.TryDequeue(out var pair, out var priority))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var current = pairs.TryGetValue(pair, out var entry) ? entry.Count : 0;
            if (current != priority.Count)
            {
                if (current > 0)
                {
                    queue.Enqueue(pair, new Priority(current, pair.Left, pair.Right));
                }

                continue;
            }

            if (current < minFrequency)
            {
                break;
            }

            Merge(pair, entry!);
            Enqueue();
            if (pieces.Count % 256 == 0)
            {
                progress?.Report(new StageProgress(pieces.Count, vocabularySize, "pieces", "merging pairs"));
            }
        }

        progress?.Report(new StageProgress(pieces.Count, pieces.Count, "pieces", "merging pairs"));
    }

    void Merge((int Left, int Right) pair, Pair entry)
    {
        var spelling = pieces[pair.Left] + pieces[pair.Right]![2..];
        if (!ids.TryGetValue(spelling, out var merged))
        {
            ids[spelling] = merged = pieces.Count;
            pieces.Add(spelling);
        }

        foreach (var number in entry.Words)
        {
            MergeIn(number, pair, merged);
        }

        pairs.Remove(pair);
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

            Change(pair, -count, number);
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
            if (pairs.TryGetValue(pair, out var entry) && entry.Count > 0)
            {
                queue.Enqueue(pair, new Priority(entry.Count, pair.Left, pair.Right));
            }
        }

        changed.Clear();
    }

    sealed class Pair
    {
        public long Count { get; set; }

        /// <summary>Words that hold or once held the pair; a word may stand twice.</summary>
        public List<int> Words { get; } = [];

        public int Last { get; set; } = -1;
    }

    readonly record struct Priority(long Count, int Left, int Right) : IComparable<Priority>
    {
        // The heap gives the least first: more frequent, then smaller ids.
        public int CompareTo(Priority other) =>
            Count != other.Count ? other.Count.CompareTo(Count) : Left != other.Left ? Left.CompareTo(other.Left) : Right.CompareTo(other.Right);
    }
}
