using Trainer.Heads;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Heads;

/// <summary>Late interaction against sentence-transformers' and PyLate's own functions, executed, scores and gradients.</summary>
[Collection(TorchCollection.Name)]
public sealed class MaxSimTests
{
    [Theory]
    [InlineData("maxsim-st-masked", MaxSimConvention.SentenceTransformers)]
    [InlineData("maxsim-st-mean", MaxSimConvention.SentenceTransformersMean)]
    [InlineData("maxsim-st-unmasked", MaxSimConvention.SentenceTransformers)]
    [InlineData("maxsim-st-empty-document", MaxSimConvention.SentenceTransformers)]
    [InlineData("maxsim-pylate-masked", MaxSimConvention.PyLate)]
    [InlineData("maxsim-pylate-kd", MaxSimConvention.PyLate)]
    public void Scores_EqualTheReference_AndSoDoGradients(string name, MaxSimConvention convention)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var golden = GoldenLosses.Read(name);
        var (queries, documents) = (golden.Floats("queries", train: true), golden.Floats("documents", train: true));
        var (left, right) = (Packed(golden, "query_mask", queries), Packed(golden, "document_mask", documents));
        var own = documents.ndim == 4;

        var scores = own ? MaxSim.OwnScores(left, right, convention) : MaxSim.Scores(left, right, convention);
        (scores * golden.Floats("score_weights")).sum().backward();

        GoldenLosses.Near(golden.Intermediate("scores"), scores, 2e-6f, "scores");
        golden.CheckGradient("queries", queries, 1e-5f);
        golden.CheckGradient("documents", documents, 1e-5f);
        if (own)
        {
            // All scores have those with the own documents among them.
            var all = MaxSim.Scores(left, right, convention).data<float>().ToArray();
            var (rows, columns, group) = ((int)scores.shape[0], right.Count, (int)scores.shape[1]);
            var picked = Enumerable.Range(0, rows).SelectMany(i => Enumerable.Range(0, group).Select(g => all[(i * columns) + (i * group) + g])).ToArray();
            GoldenLosses.Near(golden.Intermediate("scores"), tensor(picked, [rows, group]), 2e-6f, "own scores among all");
        }
        else
        {
            // Every query with the same documents as its own gives the matrix of all scores.
            var repeated = Packed(golden, "document_mask", documents.detach(), times: (int)queries.shape[0]);
            GoldenLosses.Near(golden.Intermediate("scores"), MaxSim.OwnScores(left, repeated, convention), 2e-6f, "all scores as own ones");
        }
    }

    [Fact]
    public void Scores_DependOnTheTwoTextsAlone_WhereTheConventionSaysSo()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var query = new MultiVectors(tensor(new float[] { 1, 0, 0, 1 }, [2, 2]), [0]);
        var away = tensor(new float[] { -1, 0 }, [1, 2]);
        var alone = new MultiVectors(away, [0]);
        var together = new MultiVectors(cat([away, ones(3, 2)]), [0, 1]);

        Assert.Equal([-1f], MaxSim.Scores(query, alone, MaxSimConvention.SentenceTransformers).data<float>().ToArray());
        Assert.Equal([-1f, 2f], MaxSim.Scores(query, together, MaxSimConvention.SentenceTransformers).data<float>().ToArray());
        Assert.Equal([-0.5f, 1f], MaxSim.Scores(query, together, MaxSimConvention.SentenceTransformersMean).data<float>().ToArray());
        Assert.Equal([-1f], MaxSim.Scores(query, alone, MaxSimConvention.PyLate).data<float>().ToArray());
        Assert.Equal([0f, 2f], MaxSim.Scores(query, together, MaxSimConvention.PyLate).data<float>().ToArray());
        Assert.Equal([0f, 1f], MaxSim.Scores(query, together, MaxSimConvention.FlagEmbedding).data<float>().ToArray());
    }

    [Fact]
    public void Scores_OfTextsWithoutVectors_AreNumbers()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var queries = new MultiVectors(ones(2, 3), [0, 0, 2]);
        var none = new MultiVectors(zeros(0, 3), [0, 0]);
        foreach (var convention in Enum.GetValues<MaxSimConvention>())
        {
            var nothing = convention is MaxSimConvention.PyLate or MaxSimConvention.FlagEmbedding ? 0f : -1e9f;
            Assert.Equal([nothing, nothing, nothing, nothing, nothing, nothing], MaxSim.Scores(queries, none, convention).data<float>().ToArray());
            var scores = MaxSim.Scores(queries, new MultiVectors(ones(1, 3), [0]), convention).data<float>().ToArray();
            Assert.Equal([0f, convention is MaxSimConvention.FlagEmbedding or MaxSimConvention.SentenceTransformersMean ? 3f : 6f, 0f], scores);
        }
    }

    [Fact]
    public void Scores_AreTheSame_HoweverManyPassagesMakeABlock()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        random.manual_seed(3);

        // 6000 query vectors and passages of up to 60 vectors: a block has some ninety of them, so that three are made.
        var queries = new MultiVectors(randn(6000, 4), [.. Enumerable.Range(0, 60).Select(i => i * 100L)]);
        var lengths = Enumerable.Range(0, 200).Select(i => 1 + (i * 7 % 60)).ToArray();
        var offsets = lengths.Select((_, i) => (long)lengths.Take(i).Sum()).ToArray();
        var passages = new MultiVectors(randn(lengths.Sum(), 4), offsets);

        var all = MaxSim.Scores(queries, passages, MaxSimConvention.SentenceTransformers).data<float>().ToArray();

        for (var p = 0; p < passages.Count; p += 13)
        {
            var one = MaxSim.Scores(queries, new MultiVectors(passages.Values.narrow(0, offsets[p], lengths[p]), [0]), MaxSimConvention.SentenceTransformers).data<float>().ToArray();
            for (var q = 0; q < queries.Count; q++)
            {
                Assert.Equal(one[q], all[(q * passages.Count) + p], 1e-3f);
            }
        }
    }

    internal static MultiVectors Packed(GoldenLosses golden, string maskName, Tensor values, int times = 1)
    {
        var shape = values.shape;
        var (width, depth) = ((int)shape[^2], shape[^1]);
        var count = (int)(values.numel() / depth / width);
        var mask = golden.Has(maskName) ? golden.Whole(maskName) : [.. Enumerable.Repeat(1L, count * width)];
        var rows = Enumerable.Range(0, times).SelectMany(_ => Enumerable.Range(0, mask.Length).Where(i => mask[i] == 1)).Select(i => (long)i).ToArray();
        var offsets = new long[count * times];
        for (var i = 1; i < offsets.Length; i++)
        {
            offsets[i] = offsets[i - 1] + mask.AsSpan((i - 1) % count * width, width).ToArray().Sum();
        }

        return new MultiVectors(values.view(-1, depth).index_select(0, tensor(rows)), offsets);
    }
}
