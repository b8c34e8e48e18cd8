using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Training.Distributed;
using static TorchSharp.torch;

namespace RankHost;

/// <summary>Where gathered embeddings land: every number of an embedding tells its text's place in the batch, and so does every gradient.</summary>
static class Layouts
{
    /// <summary>Gathers a batch of all three heads and says where it differs from the batch that one process has; nothing where it does not.</summary>
    public static void Run(DistributedContext context)
    {
        using var scope = NewDisposeScope();
        const int Rows = 7, Negatives = 2;
        // The layout of ST#3453, two negatives for each row, and then another for some: P..P N0 N0 N1 N1 ...
        foreach (var ragged in new[] { false, true })
        {
            var (own, candidates) = (new List<int>(), Rows);
            for (var row = 0; row < Rows; row++)
            {
                own.Add(row);
                own.AddRange(Enumerable.Range(0, Negatives).Select(n => ragged && (row + n) % 3 == 0 ? -1 : candidates++));
            }

            var share = BatchShare.Of(context, Rows, candidates, [.. own]);
            var ranks = new DistributedEmbeddings(context, share);
            var sides = new[] { Texts([.. Enumerable.Range(share.Rows.Start, share.Rows.Count)], 0), Texts(share.Passages, 1000) };
            var gathered = ranks.Gather(sides);
            Compare("queries", Texts([.. Enumerable.Range(0, Rows)], 0), gathered[0].All);
            Compare("candidates", Texts([.. Enumerable.Range(0, candidates)], 1000), gathered[1].All);

            // Gradients of rank r are (r + 1) times the value: their sum is the value times the sum of 1 to the number of ranks.
            var back = ranks.Return(gathered, [.. gathered.Select(g => (IReadOnlyList<Tensor>)[.. g.All.Tensors.Select(t => t * (context.Rank + 1))])]);
            var factor = context.WorldSize * (context.WorldSize + 1) / 2;
            foreach (var (side, gradients) in sides.Zip(back))
            {
                foreach (var (value, gradient) in side.Tensors.Zip(gradients))
                {
                    Same("gradients", (value * factor).data<float>().ToArray(), gradient.data<float>().ToArray());
                }
            }
        }

        Console.Out.WriteLine("placed");
    }

    /// <summary>Ranks whose batches differ: each says what it has and what another.</summary>
    public static void Differ(DistributedContext context)
    {
        using var scope = NewDisposeScope();
        const int Rows = 7;
        try
        {
            new DistributedEmbeddings(context, BatchShare.Of(context, Rows, Rows + (context.Rank == 1 ? 1 : 0), [.. Enumerable.Range(0, Rows).SelectMany(r => new[] { r, r == 6 && context.Rank == 1 ? 7 : -1 })])).Gather(Texts([], 0), TextRole.Query);
        }
        catch (Trainer.TrainerException error)
        {
            Console.Out.WriteLine("refused " + error.Message);
        }
    }

    static void Compare(string of, HeadOutputs expected, HeadOutputs found)
    {
        foreach (var (e, f) in expected.Tensors.Zip(found.Tensors))
        {
            Same(of, e.data<float>().ToArray(), f.data<float>().ToArray());
        }

        Same(of + " (ids)", expected.Sparse!.Ids, found.Sparse!.Ids);
        Same(of + " (offsets of weights)", expected.Sparse!.Offsets, found.Sparse!.Offsets);
        Same(of + " (offsets of vectors)", expected.MultiVector!.Offsets, found.MultiVector!.Offsets);
    }

    static void Same<T>(string of, IEnumerable<T> expected, IEnumerable<T> found)
    {
        if (!expected.SequenceEqual(found))
        {
            Console.Out.WriteLine($"{of}: expected {string.Join(' ', expected)}, found {string.Join(' ', found)}");
        }
    }

    // Text p has the vector (p, p + 0.5), p % 3 weights and p % 4 vectors.
    static HeadOutputs Texts(IReadOnlyList<int> places, int first)
    {
        var weights = places.SelectMany(p => Enumerable.Range(0, p % 3).Select(k => (Id: (long)(p + (10 * k)), Weight: first + p + (0.25f * k)))).ToArray();
        var vectors = places.SelectMany(p => Enumerable.Range(0, p % 4).Select(k => first + p + (0.125f * k))).ToArray();
        return new HeadOutputs
        {
            Dense = tensor(places.SelectMany(p => new[] { first + p, first + p + 0.5f }).ToArray(), [places.Count, 2]),
            Sparse = new SparseVectors(tensor(weights.Select(w => w.Weight).ToArray()), [.. weights.Select(w => w.Id)], Starts(places.Select(p => p % 3))),
            MultiVector = new MultiVectors(tensor(vectors, [vectors.Length, 1]), Starts(places.Select(p => p % 4))),
        };
    }

    static long[] Starts(IEnumerable<int> lengths)
    {
        var start = 0L;
        return [.. lengths.Select(l => (start += l) - l)];
    }
}
