using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Heads;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>Tensors of a golden case in the order that losses expect: positives first, then hard negatives.</summary>
sealed class GoldenBatch
{
    public required LossInputs Inputs { get; init; }

    /// <summary>What gradients are expected of.</summary>
    public required IReadOnlyList<(string Name, Tensor Value)> Leaves { get; init; }

    /// <summary>Columns as sentence-transformers has them: anchors, positives, blocks of negatives.</summary>
    public static GoldenBatch OfColumns(GoldenLosses golden)
    {
        var leaves = golden.Students.Select(s => (s, golden.Floats(s, train: true))).ToList();
        var (rows, blocks) = ((int)leaves[0].Item2.shape[0], leaves.Count - 1);
        var own = Enumerable.Range(0, rows).SelectMany(i => Enumerable.Range(0, blocks).Select(b => (long)((b * rows) + i))).ToArray();
        return new GoldenBatch
        {
            Leaves = leaves,
            Inputs = LossInputs.Dense(leaves[0].Item2, cat(leaves.Skip(1).Select(l => l.Item2).ToArray())) with
            {
                Own = tensor(own, [rows, blocks]),
                GuideQueries = golden.Has("guide_anchor") ? golden.Floats("guide_anchor") : null,
                GuidePassages = golden.Has("guide_positive") ? cat(golden.Students.Skip(1).Select(s => golden.Floats("guide_" + s)).ToArray()) : null,
                TeacherScores = golden.Has("labels") ? golden.Floats("labels") : null,
            },
        };
    }

    /// <summary>Places of FlagEmbedding's passages (positive of query i at i · group) in the order that losses expect.</summary>
    public static Tensor Positions(int rows, int group) =>
        tensor(Enumerable.Range(0, group).SelectMany(k => Enumerable.Range(0, rows).Select(i => (long)((i * group) + k))).ToArray());

    /// <summary>Own candidates after <see cref="Positions"/>.</summary>
    public static Tensor Own(int rows, int group) => tensor(Enumerable.Range(0, rows).SelectMany(i => Enumerable.Range(0, group).Select(k => (long)((k * rows) + i))).ToArray(), [rows, group]);

    /// <summary>Dense vectors in FlagEmbedding's layout.</summary>
    public static GoldenBatch OfGroups(GoldenLosses golden, int group)
    {
        var (queries, passages) = (golden.Floats("query", train: true), golden.Floats("passage", train: true));
        var rows = (int)queries.shape[0];
        return new GoldenBatch
        {
            Leaves = [("query", queries), ("passage", passages)],
            Inputs = LossInputs.Dense(queries, passages.index_select(0, Positions(rows, group))) with
            {
                Own = Own(rows, group),
                TeacherScores = golden.Has("teacher_scores") ? golden.Floats("teacher_scores") : null,
            },
        };
    }

    /// <summary>Scores themselves, for losses that take any.</summary>
    public static GoldenBatch OfScores(GoldenLosses golden, int group)
    {
        var scores = golden.Floats("student_scores", train: true);
        var rows = (int)scores.shape[0];
        return new GoldenBatch
        {
            Leaves = [("student_scores", scores)],
            Inputs = LossInputs.Dense(scores, zeros(rows * group, 1)) with { Own = Own(rows, group), TeacherScores = golden.Floats("teacher_targets").log() },
        };
    }

    /// <summary>Embeddings of all kinds by the heads of a case, their parameters among the leaves.</summary>
    public static GoldenBatch OfHeads(GoldenLosses golden, int group, RetrievalHeads heads)
    {
        var (queryStates, passageStates) = (golden.Floats("q_hidden", train: true), golden.Floats("p_hidden", train: true));
        var queries = heads.Forward(M3GoldenTests.States(golden, "q", queryStates), heads.Available);
        var passages = heads.Forward(M3GoldenTests.States(golden, "p", passageStates), heads.Available);
        var rows = queries.Count;
        var order = Positions(rows, group).data<long>().ToArray();
        return new GoldenBatch
        {
            Leaves = [("q_hidden", queryStates), ("p_hidden", passageStates), .. new[] { "sparse_weight", "sparse_bias", "colbert_weight", "colbert_bias" }.Zip(heads.Parameters, (n, p) => (n, (Tensor)p.Value))],
            Inputs = new LossInputs { Queries = queries, Passages = Ordered(passages, order), Own = Own(rows, group), TeacherScores = golden.Has("teacher_scores") ? golden.Floats("teacher_scores") : null },
        };
    }

    static HeadOutputs Ordered(HeadOutputs texts, long[] order)
    {
        var (sparse, multi) = (texts.Sparse!, texts.MultiVector!);
        var weights = order.Select(i => Places(sparse.Offsets, sparse.Ids.Count, i)).ToList();
        var vectors = order.Select(i => Places(multi.Offsets, (int)multi.Values.shape[0], i)).ToList();
        return new HeadOutputs
        {
            Dense = texts.Dense!.index_select(0, tensor(order)),
            Sparse = new SparseVectors(sparse.Weights.index_select(0, tensor(weights.SelectMany(w => w).ToArray())), [.. weights.SelectMany(w => w).Select(w => sparse.Ids[(int)w])], Offsets(weights)),
            MultiVector = new MultiVectors(multi.Values.index_select(0, tensor(vectors.SelectMany(v => v).ToArray())), Offsets(vectors)),
        };
    }

    static long[] Places(IReadOnlyList<long> offsets, int total, long text)
    {
        var end = text + 1 < offsets.Count ? offsets[(int)text + 1] : total;
        return [.. Enumerable.Range((int)offsets[(int)text], (int)(end - offsets[(int)text])).Select(i => (long)i)];
    }

    static long[] Offsets(List<long[]> texts) => [.. texts.Select((_, i) => (long)texts.Take(i).Sum(t => t.Length))];
}
