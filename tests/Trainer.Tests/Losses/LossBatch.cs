using Trainer.Losses;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>
/// A small batch in 64 bits with all that a loss may read: five queries, their positives, four hard negatives (ragged lists of own candidates, one negative shared by two queries), false negatives, one
/// row of which the positive alone is left, a teacher that does not know every candidate and one row not at all, a guide.
/// </summary>
sealed record LossBatch
{
    public const int Rows = 5;
    public const int Count = 9;

    public required TextValues Queries { get; init; }

    public required TextValues Again { get; init; }

    public required TextValues Passages { get; init; }

    public required long[][] Own { get; init; }

    public required double[][] Teacher { get; init; }

    public required double[][] GuideQueries { get; init; }

    public required double[][] GuidePassages { get; init; }

    /// <summary>Pairs of row and candidate.</summary>
    public required IReadOnlyList<(int Row, int Candidate)> Excluded { get; init; }

    public int Step { get; init; } = 7;

    public static LossBatch Draw(long seed)
    {
        random.manual_seed(seed);
        var (queries, passages) = (TextValues.Draw(Rows, 6, 3, 0), TextValues.Draw(Count, 6, 3, 1));
        var noise = TextValues.Draw(Rows, 6, 3, 0);
        return new LossBatch
        {
            Queries = queries,
            Again = queries with
            {
                Dense = [.. queries.Dense.Zip(noise.Dense, (q, n) => q.Zip(n, (a, b) => a + (0.2 * b)).ToArray())],
                Sparse = [.. queries.Sparse.Select(w => w.Select(v => v * 1.1).ToArray())],
                Multi = [.. queries.Multi.Zip(noise.Multi, (q, n) => q.Zip(n, (a, b) => a + (0.2 * b)).ToArray())],
            },
            Passages = passages,
            Own = [[0, 5, 6], [1, 7, -1], [2, -1, -1], [3, 8, 5], [4, 8, -1]],
            Teacher = [[2.1, 0.3, double.NaN], [0.5, 1.5, double.NaN], [1, double.NaN, double.NaN], [-0.4, 0.7, -1.2], [double.NaN, double.NaN, double.NaN]],
            GuideQueries = TextValues.Draw(Rows, 4, 3, 0).Dense,
            GuidePassages = TextValues.Draw(Count, 4, 3, 0).Dense,
            Excluded = [(0, 3), (3, 0), (4, 7), (2, 0), (2, 1), (2, 3), (2, 4), (2, 5), (2, 6), (2, 7), (2, 8)],
        };
    }

    public LossInputs Inputs()
    {
        var excluded = new bool[Rows * Count];
        foreach (var (row, candidate) in Excluded)
        {
            excluded[(row * Count) + candidate] = true;
        }

        return new LossInputs
        {
            Queries = Queries.Outputs(),
            QueriesAgain = Again.Outputs(),
            Passages = Passages.Outputs(),
            Own = tensor(Own.SelectMany(o => o).ToArray(), [Rows, Own[0].Length]),
            TeacherScores = Matrix(Teacher),
            GuideQueries = Matrix(GuideQueries),
            GuidePassages = Matrix(GuidePassages),
            Excluded = tensor(excluded, [Rows, Count]),
            Step = Step,
        };
    }

    /// <summary>The same batch with its rows in another order; hard negatives stay where they are.</summary>
    public LossBatch Reorder(int[] order)
    {
        int[] candidates = [.. order, .. Enumerable.Range(Rows, Count - Rows)];
        return this with
        {
            Queries = Queries.Take(order),
            Again = Again.Take(order),
            Passages = Passages.Take(candidates),
            Own = [.. order.Select(r => Own[r].Select(c => c < 0 ? c : Array.IndexOf(candidates, (int)c)).ToArray())],
            Teacher = [.. order.Select(r => Teacher[r])],
            GuideQueries = [.. order.Select(r => GuideQueries[r])],
            GuidePassages = [.. candidates.Select(c => GuidePassages[c])],
            Excluded = [.. Excluded.Select(e => (Array.IndexOf(order, e.Row), Array.IndexOf(candidates, e.Candidate)))],
        };
    }

    /// <summary>Loss, figures and gradients (of queries, their second pass and passages), in tiles, each with a backward of its own.</summary>
    public (double Loss, SortedDictionary<string, double> Parts, IReadOnlyList<double[]> Gradients) Evaluate(ILoss loss, int tile = Rows, bool backward = true)
    {
        using var scope = NewDisposeScope();
        var (inputs, total, parts) = (Inputs(), 0.0, new SortedDictionary<string, double>(StringComparer.Ordinal));
        foreach (var rows in inputs.AllRows.Tiles(tile))
        {
            var value = loss.Compute(inputs, rows);
            total += value.Total.ToDouble();
            foreach (var (name, part) in value.Parts)
            {
                Assert.False(part.requires_grad, name);
                parts[name] = parts.GetValueOrDefault(name) + part.ToDouble();
            }

            if (backward)
            {
                value.Total.backward();
            }
        }

        return (total, parts, backward ? [.. Queries.Gradients(inputs.Queries), .. Again.Gradients(inputs.QueriesAgain!), .. Passages.Gradients(inputs.Passages)] : []);
    }

    /// <summary>All numbers that gradients are taken of, in their order.</summary>
    public IReadOnlyList<double[]> Values => [.. Queries.All, .. Again.All, .. Passages.All];

    static Tensor Matrix(double[][] values) => tensor(values.SelectMany(v => v).ToArray(), [values.Length, values[0].Length]);
}
