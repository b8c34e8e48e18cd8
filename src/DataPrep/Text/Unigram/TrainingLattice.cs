using System.Runtime.InteropServices;

namespace DataPrep.Text.Unigram;

/// <summary>All ways to spell a word in pieces: how often each piece is expected, and which way is best. Scratch of one thread.</summary>
sealed class TrainingLattice(PieceTrie trie, double[] scores)
{
    // Expected counts are added as whole numbers of this size: their sum does not depend on the order.
    public const double Unit = 1 << 24;

    readonly List<Arc> arcs = [];
    double[] best = new double[64];
    double[] forward = new double[64];
    double[] backward = new double[64];
    int[] last = new int[64];

    /// <summary>Adds the expected number of each piece in so many occurrences of a word (forward-backward; in units).</summary>
    /// <returns>Logarithm of the word's probability; 0 where its pieces do not cover it.</returns>
    public double AddExpected(ReadOnlySpan<char> word, long count, long[] expected)
    {
        if (!Search(word, skipWhole: false))
        {
            return 0;
        }

        // Every way is weighed against the best one to the same place, so that nothing overflows and the best ways do not vanish.
        var ways = CollectionsMarshal.AsSpan(arcs);
        forward.AsSpan(0, word.Length + 1).Clear();
        backward.AsSpan(0, word.Length + 1).Clear();
        forward[0] = 1;
        foreach (ref var arc in ways)
        {
            arc.Weight = Math.Exp(best[arc.Start] + scores[arc.Id] - best[arc.End]);
            forward[arc.End] += forward[arc.Start] * arc.Weight;
        }

        backward[word.Length] = 1;
        for (var i = ways.Length - 1; i >= 0; i--)
        {
            backward[ways[i].Start] += ways[i].Weight * backward[ways[i].End];
        }

        var whole = Unit * count / forward[word.Length];
        foreach (ref readonly var arc in ways)
        {
            expected[arc.Id] += (long)(forward[arc.Start] * arc.Weight * backward[arc.End] * whole);
        }

        return best[word.Length] + Math.Log(forward[word.Length]);
    }

    /// <summary>Appends the pieces of the best way, last first; false where there is none.</summary>
    /// <param name="word">The word.</param>
    /// <param name="skipWhole">Leaves out the piece that is the word itself.</param>
    /// <param name="ids">Takes the pieces.</param>
    /// <param name="score">Logarithm of the way's probability.</param>
    public bool TryBest(ReadOnlySpan<char> word, bool skipWhole, List<int> ids, out double score)
    {
        ids.Clear();
        score = 0;
        if (!Search(word, skipWhole))
        {
            return false;
        }

        score = best[word.Length];
        for (var end = word.Length; end > 0;)
        {
            var arc = arcs[last[end]];
            ids.Add(arc.Id);
            end = arc.Start;
        }

        return true;
    }

    // Fills the arcs that start at reachable places, by start and then by end, and the best way to each place.
    bool Search(ReadOnlySpan<char> word, bool skipWhole)
    {
        if (best.Length <= word.Length)
        {
            var size = Math.Max(word.Length + 1, best.Length * 2);
            (best, forward, backward, last) = (new double[size], new double[size], new double[size], new int[size]);
        }

        arcs.Clear();
        best.AsSpan(0, word.Length + 1).Fill(double.NegativeInfinity);
        best[0] = 0;
        for (var start = 0; start < word.Length; start++)
        {
            var before = best[start];
            if (double.IsNegativeInfinity(before))
            {
                continue;
            }

            var end = start + 1;
            for (var node = trie.Root(word[start], out var id); node != PieceTrie.None; node = trie.Step(node, word[end++], out id))
            {
                if (id >= 0 && !(skipWhole && end - start == word.Length))
                {
                    if (before + scores[id] > best[end])
                    {
                        (best[end], last[end]) = (before + scores[id], arcs.Count);
                    }

                    arcs.Add(new Arc { Start = start, End = end, Id = id });
                }

                if (end == word.Length)
                {
                    break;
                }
            }
        }

        return !double.IsNegativeInfinity(best[word.Length]);
    }

    [StructLayout(LayoutKind.Auto)]
    struct Arc
    {
        public int Start;
        public int End;
        public int Id;
        public double Weight;
    }
}
