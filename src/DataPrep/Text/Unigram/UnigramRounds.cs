namespace DataPrep.Text.Unigram;

/// <summary>The steps of training: what each piece is expected to occur (E), new scores (M), and pruning by what its loss would cost (Kudo 2018, as SentencePiece does it).</summary>
/// <param name="words">The training words.</param>
/// <param name="threads">Threads; the result does not depend on it.</param>
/// <param name="cancellationToken">Stops between blocks of words.</param>
sealed class UnigramRounds(TrainingWords words, int threads, CancellationToken cancellationToken)
{
    const int Block = 1024;

    // A piece that is expected less often than this goes at once.
    const double LeastExpected = 0.5;

    /// <summary>One round of expectation and maximization.</summary>
    public List<UnigramPiece> Maximize(List<UnigramPiece> pieces)
    {
        var (trie, scores) = Lattice(pieces);
        var expected = Sum(pieces.Count, trie, scores, static (lattice, _, word, count, sums) => lattice.AddExpected(word, count, sums));
        var kept = Enumerable.Range(0, pieces.Count).Select(id => (pieces[id].Text, Count: expected[id] / TrainingLattice.Unit)).Where(static piece => piece.Count >= LeastExpected).ToArray();
        var total = Digamma(kept.Sum(static piece => piece.Count));
        return [.. kept.Select(piece => new UnigramPiece(piece.Text, Digamma(piece.Count) - total))];
    }

    /// <summary>Keeps so many pieces: those without which the words would become least likely.</summary>
    public List<UnigramPiece> Prune(List<UnigramPiece> pieces, int size)
    {
        var (trie, scores) = Lattice(pieces);
        var counts = Sum(pieces.Count, trie, scores, static (lattice, ids, word, count, sums) =>
        {
            lattice.TryBest(word, skipWhole: false, ids, out _);
            ids.ForEach(id => sums[id] += count);
        });
        var (total, all) = ((double)counts.Sum(), (double)words.Counts.Sum());
        var lattice = new TrainingLattice(trie, scores);
        var other = new List<int>();
        var (kept, candidates) = (new List<int>(), new List<(int Id, double Loss)>());
        for (var id = 0; id < pieces.Count; id++)
        {
            if (!lattice.TryBest(pieces[id].Text, skipWhole: true, other, out var score))
            {
                kept.Add(id);
            }
            else if (counts[id] > 0 && score <= scores[id])
            {
                // Were the piece gone, its occurrences would go to the pieces of its next best spelling.
                var (count, more) = ((double)counts[id], Math.Log(total + (counts[id] * (other.Count - 1.0))));
                var loss = Math.Log(count) - Math.Log(total) - other.Sum(part => Math.Log(counts[part] + count) - more);
                candidates.Add((id, count / all * loss));
            }
        }

        candidates.Sort(static (x, y) => x.Loss != y.Loss ? y.Loss.CompareTo(x.Loss) : x.Id.CompareTo(y.Id));
        kept.AddRange(candidates.Take(Math.Max(0, size - kept.Count)).Select(static candidate => candidate.Id));
        kept.Sort();
        return [.. kept.Select(id => pieces[id])];
    }

    static (PieceTrie Trie, double[] Scores) Lattice(List<UnigramPiece> pieces)
    {
        var trie = new PieceTrie();
        for (var id = 0; id < pieces.Count; id++)
        {
            trie.Add(pieces[id].Text, id);
        }

        return (trie, [.. pieces.Select(static piece => piece.Score)]);
    }

    delegate void AddWord(TrainingLattice lattice, List<int> ids, ReadOnlySpan<char> word, long count, long[] sums);

    // Whole numbers, so that threads may add them up in any order.
    long[] Sum(int pieces, PieceTrie trie, double[] scores, AddWord add)
    {
        var sums = new long[pieces];
        Workers.For(
            (words.Count + Block - 1) / Block,
            threads,
            () => (Lattice: new TrainingLattice(trie, scores), Ids: new List<int>(), Sums: new long[pieces]),
            (block, local) =>
            {
                for (var word = block * Block; word < Math.Min(words.Count, (block + 1) * Block); word++)
                {
                    add(local.Lattice, local.Ids, words[word], words.Counts[word], local.Sums);
                }
            },
            local =>
            {
                lock (sums)
                {
                    for (var id = 0; id < pieces; id++)
                    {
                        sums[id] += local.Sums[id];
                    }
                }
            },
            cancellationToken);
        return sums;
    }

    // By recurrence to 7 and more, then the asymptotic series (Abramowitz and Stegun 6.3.18).
    static double Digamma(double x)
    {
        var result = 0.0;
        for (; x < 7; x++)
        {
            result -= 1 / x;
        }

        x -= 0.5;
        var square = 1 / (x * x);
        return result + Math.Log(x) + (square * ((1 / 24.0) - (square * ((7 / 960.0) - (square * ((31 / 8064.0) - (square * 127 / 30720.0)))))));
    }
}
