using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Encoders;
using Trainer.Training.Caching;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Caching;

/// <summary>A small batch, a small encoder with dropout, and every loss of the table: what the tests of gradient caching share.</summary>
static class CachingCase
{
    public const int Rows = 6;

    /// <summary>Every kind of the table with its defaults, and forms of them that read other blocks of the batch.</summary>
    public static readonly IReadOnlyDictionary<string, ILoss> Losses = LossTable.Kinds.Select(k => new LossOptions { Kind = k }).Select(o => (o.Kind.ToString(), LossTable.Create(o, 5))).Concat(
    [
        ("all directions", LossTable.Create(new LossOptions { Directions = [Direction.QueryDoc, Direction.DocQuery, Direction.QueryQuery, Direction.DocDoc] })),
        ("hardness", LossTable.Create(new LossOptions { Hardness = Hardness.All })),
        ("relative margin", LossTable.Create(new LossOptions { Kind = LossKind.Gist, Margin = 0.05, MarginKind = MarginKind.Relative })),
        ("matryoshka", LossTable.Create(new LossOptions { MatryoshkaDims = [8, 16, 32], MatryoshkaDimsPerStep = 2 }, 5)),
        ("matryoshka over gist", LossTable.Create(new LossOptions { Kind = LossKind.Gist, MatryoshkaDims = [8, 32], MatryoshkaWeights = [1, 0.5] })),
        ("self-distillation", LossTable.Create(new LossOptions { Kind = LossKind.M3, SelfDistillation = true })),
    ]).ToDictionary(l => l.Item1, l => l.Item2, StringComparer.Ordinal);

    /// <summary>Two layers of width 32 with dropout in all places; with sparse and multi-vector heads where they are asked for.</summary>
    public static IEncoder Encoder(HeadSet heads, double dropout = 0.1, int width = 32)
    {
        var config = PackedParityTests.Shape(dropout, dropout) with { HiddenSize = width, IntermediateSize = 2 * width, Layers = 2 };
        var transformer = TransformerEncoder.Create(config, 3);
        return heads == HeadSet.Dense ? new PooledTransformer(transformer, PoolingMode.Mean) : new MultiHeadTransformer(transformer, new RetrievalHeads
        {
            Pooling = PoolingMode.Cls,
            Normalize = false,
            Sparse = SparseHead.Create(width, [0, 1], 1),
            MultiVector = MultiVectorHead.Create(width, 8, 2),
        });
    }

    /// <summary>Six queries, their positives and a hard negative each, of other lengths every one.</summary>
    public static (TokenBatch Queries, TokenBatch Passages) Texts() =>
        (PackedParityTests.Texts(PackedParityTests.Shape(0, 0), 3, 5, 2, 7, 4, 6), PackedParityTests.Texts(PackedParityTests.Shape(0, 0), 9, 4, 12, 3, 8, 5, 7, 11, 6, 10, 2, 13));

    /// <summary>What losses read beside embeddings: an excluded pair, each row's own candidates, a teacher's scores, a guide.</summary>
    public static LossInputs Known()
    {
        var excluded = new bool[Rows * 2 * Rows];
        excluded[(1 * 2 * Rows) + 4] = excluded[(3 * 2 * Rows) + 8] = true;
        manual_seed(17);
        return new LossInputs
        {
            Queries = new HeadOutputs(),
            Passages = new HeadOutputs(),
            Excluded = tensor(excluded, [Rows, 2 * Rows]),
            Own = tensor([.. Enumerable.Range(0, Rows).SelectMany(r => new long[] { r, r + Rows })], [Rows, 2]),
            TeacherScores = randn(Rows, 2),
            GuideQueries = nn.functional.normalize(randn(Rows, 10)),
            GuidePassages = nn.functional.normalize(randn(2 * Rows, 10)),
        };
    }

    public static StepRequest Request(int miniBatch, int step = 4) => new(11, step, step, 0, [], miniBatch);

    public static GradCache Cache(IEncoder encoder, ILoss loss, int miniBatch, int? keep = 0, int? lossRows = null) =>
        new(encoder, loss, new GradientCacheOptions { MiniBatch = miniBatch, KeepGraphs = keep, LossRows = lossRows }, CPU);

    /// <summary>Gradients of all parameters end to end, which are then dropped.</summary>
    public static float[] TakeGradients(IEncoder encoder)
    {
        using var scope = NewDisposeScope();
        var all = new List<float>();
        foreach (var (_, value) in encoder.Parameters)
        {
            all.AddRange(value.grad is { } gradient ? gradient.to(float32).data<float>().ToArray() : new float[value.numel()]);
            value.grad = null;
        }

        return [.. all];
    }

    /// <summary>Length of the difference over the length of what is expected, and the cosine.</summary>
    public static (double Difference, double Cosine) Compare(float[] expected, float[] found)
    {
        double apart = 0, cross = 0, a = 0, b = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            apart += ((double)expected[i] - found[i]) * ((double)expected[i] - found[i]);
            cross += (double)expected[i] * found[i];
            a += (double)expected[i] * expected[i];
            b += (double)found[i] * found[i];
        }

        Assert.True(a > 0, "the gradient is 0");
        return (Math.Sqrt(apart / a), cross / Math.Sqrt(a * b));
    }

    /// <summary>The plain step: one graph through the encoder, its mini-batches drawing by the same seeds, and the loss of all rows at once.</summary>
    public static (double Loss, float[] Gradient) Plain(IEncoder encoder, ILoss loss, LossInputs known, int miniBatch)
    {
        using var scope = NewDisposeScope();
        var (queries, passages) = Texts();
        TokenBatch[] sides = loss.QueryPasses == 2 ? [queries, passages, queries] : [queries, passages];
        encoder.Training = true;
        var all = sides.Aggregate(TokenBatch.Concat);
        var outputs = new List<HeadOutputs>();
        for (var start = 0; start < all.Count; start += miniBatch)
        {
            manual_seed(Request(miniBatch).SeedOf("texts", start / miniBatch));
            outputs.Add(encoder.Outputs(all.Slice(start, Math.Min(miniBatch, all.Count - start)), TextRole.Passage, loss.Heads));
        }

        var found = HeadOutputs.Concat(outputs);
        var value = loss.Compute(known with
        {
            Queries = Part(found, 0, Rows),
            Passages = Part(found, Rows, 2 * Rows),
            QueriesAgain = loss.QueryPasses == 2 ? Part(found, 3 * Rows, Rows) : null,
        }).Total;
        value.backward();
        return (value.ToDouble(), TakeGradients(encoder));
    }

    static HeadOutputs Part(HeadOutputs all, int start, int count)
    {
        return new HeadOutputs
        {
            Dense = all.Dense?.narrow(0, start, count),
            Sparse = all.Sparse is { } s ? new SparseVectors(s.Weights.narrow(0, s.Offsets[start], End(s.Offsets, s.Ids.Count) - s.Offsets[start]),
                [.. s.Ids.Take((int)End(s.Offsets, s.Ids.Count)).Skip((int)s.Offsets[start])], [.. s.Offsets.Skip(start).Take(count).Select(o => o - s.Offsets[start])]) : null,
            MultiVector = all.MultiVector is { } m ? new MultiVectors(m.Values.narrow(0, m.Offsets[start], End(m.Offsets, m.Values.shape[0]) - m.Offsets[start]),
                [.. m.Offsets.Skip(start).Take(count).Select(o => o - m.Offsets[start])]) : null,
        };

        long End(IReadOnlyList<long> offsets, long total) => start + count < offsets.Count ? offsets[start + count] : total;
    }
}
