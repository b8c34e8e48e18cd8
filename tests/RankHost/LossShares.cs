using System.Globalization;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training.Distributed;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace RankHost;

/// <summary>Every loss over embeddings, by all ranks and by this one alone on the whole batch.</summary>
static class LossShares
{
    const int Rows = 7, Group = 3, Candidates = 15;

    /// <summary>Prints, for each loss, the difference in the loss and the largest in a gradient of what this rank embedded, against the length of that gradient.</summary>
    public static void Run(DistributedContext context)
    {
        // Ragged, one negative of two rows, a row without one.
        int[] own = [0, 7, 8, 1, 9, -1, 2, -1, -1, 3, 10, 7, 4, 11, 12, 5, 13, 14, 6, 14, -1];
        foreach (var kind in LossTable.Kinds)
        {
            using var scope = NewDisposeScope();
            var loss = LossTable.Create(new LossOptions { Kind = kind });
            var share = BatchShare.Of(context, Rows, Candidates, own);
            List<HeadOutputs> Sides(IReadOnlyList<int> queries, IReadOnlyList<int> passages) =>
                [Texts(queries, 0, loss.Heads), Texts(passages, 1, loss.Heads), .. loss.QueryPasses == 2 ? new[] { Texts(queries, 2, loss.Heads) } : []];

            var whole = Sides([.. Enumerable.Range(0, Rows)], [.. Enumerable.Range(0, Candidates)]);
            var expected = Compute(loss, whole, own, null);

            var ranks = new DistributedEmbeddings(context, share);
            var gathered = ranks.Gather(Sides([.. Enumerable.Range(share.Rows.Start, share.Rows.Count)], share.Passages));
            var leaves = gathered.Select(g => g.All).ToList();
            var (total, parts) = Compute(loss, leaves, own, share.Rows);
            (total, parts, _, _) = context.Sum(new StepResult(total, parts));
            var returned = ranks.Return(gathered, [.. leaves.Select(l => (IReadOnlyList<Tensor>)[.. l.Tensors.Select(t => t.grad ?? zeros_like(t))])]);

            var largest = 0.0;
            foreach (var (texts, side, gradients) in gathered.Zip(whole, returned))
            {
                foreach (var (places, value, gradient) in texts.Local.Zip(side.Tensors, gradients))
                {
                    using var full = value.grad ?? zeros_like(value);
                    largest = Math.Max(largest, (full.index_select(0, places) - gradient).norm().ToDouble() / Math.Max(full.norm().ToDouble(), 1e-12));
                }
            }

            var figures = expected.Parts.Max(p => (double?)Math.Abs(p.Value - parts.First(o => o.Name == p.Name).Value) / Math.Max(1, Math.Abs(p.Value))) ?? 0;
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind} {Math.Abs(total - expected.Total) / Math.Abs(expected.Total)} {largest} {figures}"));
        }
    }

    static (double Total, IReadOnlyList<(string Name, double Value)> Parts) Compute(ILoss loss, List<HeadOutputs> sides, int[] own, RowRange? rows)
    {
        foreach (var value in sides.SelectMany(s => s.Tensors))
        {
            value.requires_grad_();
        }

        var excluded = new bool[Rows * Candidates];
        (excluded[3], excluded[(2 * Candidates) + 9], excluded[(4 * Candidates) + 0]) = (true, true, true);
        var inputs = new LossInputs
        {
            Queries = sides[0],
            Passages = sides[1],
            QueriesAgain = sides.Count > 2 ? sides[2] : null,
            Own = tensor(own.Select(o => (long)o).ToArray(), [Rows, Group]),
            TeacherScores = tensor(own.Select((o, k) => o < 0 || k == 1 ? float.NaN : (float)Math.Sin(k)).ToArray(), [Rows, Group]),
            GuideQueries = Texts([.. Enumerable.Range(0, Rows)], 3, HeadSet.Dense).Dense,
            GuidePassages = Texts([.. Enumerable.Range(0, Candidates)], 4, HeadSet.Dense).Dense,
            Excluded = tensor(excluded, [Rows, Candidates]),
            Step = 3,
        };
        var found = loss.Compute(inputs, rows ?? inputs.AllRows);
        found.Total.backward();
        return (found.Total.ToDouble(), [.. found.Parts.Select(p => (p.Name, p.Value.ToDouble()))]);
    }

    static HeadOutputs Texts(IReadOnlyList<int> places, int side, HeadSet heads)
    {
        var weights = places.SelectMany(p => Enumerable.Range(0, 2 + (p % 3)).Select(k => (Id: (long)((4 * k) + (p % 4)), Weight: 1.2f + Wave(p, k, side)))).ToArray();
        var vectors = places.SelectMany(p => Enumerable.Range(0, 4 * (1 + (p % 3))).Select(k => Wave(p, k, side))).ToArray();
        return new HeadOutputs
        {
            Dense = heads.HasFlag(HeadSet.Dense) ? tensor(places.SelectMany(p => Enumerable.Range(0, 8).Select(k => Wave(p, k, side))).ToArray(), [places.Count, 8]) : null,
            Sparse = heads.HasFlag(HeadSet.Sparse) ? new SparseVectors(tensor(weights.Select(w => w.Weight).ToArray()), [.. weights.Select(w => w.Id)], Starts(places.Select(p => 2 + (p % 3)))) : null,
            MultiVector = heads.HasFlag(HeadSet.MultiVector) ? new MultiVectors(tensor(vectors, [vectors.Length / 4, 4]), Starts(places.Select(p => 1 + (p % 3)))) : null,
        };
    }

    static float Wave(int place, int k, int side) => (float)Math.Sin((place * 1.7) + (k * (2.3 + side)) + (side * 0.9));

    static long[] Starts(IEnumerable<int> lengths)
    {
        var start = 0L;
        return [.. lengths.Select(l => (start += l) - l)];
    }
}
