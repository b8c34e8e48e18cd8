using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>Faults that other trainers had or have, each by the name or number it has there.</summary>
[Collection(TorchCollection.Name)]
public sealed class UpstreamBugTests
{
    /// <summary>sentence-transformers 2932: a cached GIST took the thresholds of the batch's first rows for every mini-batch.</summary>
    [Fact]
    public void Threshold_IsThatOfEachRow_CachedGist2932()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var batch = LossBatch.Draw(3) with { Excluded = [] };
        var rows = new RowRange(2, 2);
        var found = new Gist(0.5) { Margin = 0.1, ContrastAnchors = false, ContrastPositives = false }.Compute(batch.Inputs(), rows).Total.ToDouble();
        Assert.Equal(ByHand(r => r), found, 1e-9);
        Assert.NotEqual(ByHand(r => r - rows.Start), found, 1e-3);

        double ByHand(Func<int, int> threshold) => Enumerable.Range(rows.Start, rows.Count).Sum(r =>
        {
            var limit = Cosine(batch.GuideQueries[threshold(r)], batch.GuidePassages[threshold(r)]) - 0.1;
            var kept = Enumerable.Range(0, LossBatch.Count).Where(c => c == r || Cosine(batch.GuideQueries[r], batch.GuidePassages[c]) <= limit);
            var scores = kept.Select(c => Cosine(batch.Queries.Dense[r], batch.Passages.Dense[c]) / 0.5).ToList();
            return (Math.Log(scores.Sum(Math.Exp)) - (Cosine(batch.Queries.Dense[r], batch.Passages.Dense[r]) / 0.5)) / LossBatch.Rows;
        });
    }

    /// <summary>sentence-transformers 3819: s · (1 - margin) lies above a negative s.</summary>
    [Fact]
    public void RelativeMargin_IsSignSafe_3819()
    {
        var loss = new Gist(0.5) { MarginKind = MarginKind.Relative, Margin = 0.5, ContrastAnchors = false, ContrastPositives = false };
        Assert.False(HandComputedTests.Kept(loss, -0.4, -0.5));
        Assert.False(HandComputedTests.Kept(loss, -0.4, -0.3));
        Assert.True(HandComputedTests.Kept(loss, -0.4, -0.65));
    }

    /// <summary>sentence-transformers 3074: with ≥ instead of &gt;, copies of the positive and what a guide cannot tell from it are dropped; it ranked worse.</summary>
    [Fact]
    public void Candidates_AsNearAsThePositive_AreKept_3074() =>
        Assert.True(HandComputedTests.Kept(new Gist(0.5) { ContrastAnchors = false, ContrastPositives = false }, 0.3, 0.3));

    /// <summary>GISTEmbed and sentence-transformers leave it to the guide to drop a text against itself, which fails where the guide sees query and positive at 1.</summary>
    [Fact]
    public void Diagonals_AreMasked_WhenGuideSimilarityIsOne()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var texts = tensor([1.0, 0, 0, 1, 0.6, 0.8], [3, 2]);
        var inputs = LossInputs.Dense(texts, tensor([0.9, 0.1, 0, 1, 0.5, 1], [3, 2])) with { GuideQueries = texts, GuidePassages = texts };
        var value = new Gist(0.5).Compute(inputs);

        // Six others of each row remain of eight: never a text itself, which would be at cosine 1.
        var alone = new Gist(0.5) { ContrastAnchors = false, ContrastPositives = false }.Compute(inputs).Total.ToDouble();
        var (q, p) = (inputs.Queries.Dense!, inputs.Passages.Dense!);
        double expected = 0;
        for (var r = 0; r < 3; r++)
        {
            var row = Vector(q, r);
            var scores = Enumerable.Range(0, 3).Select(c => Cosine(row, Vector(p, c)))
                .Concat(Enumerable.Range(0, 3).Where(c => c != r).SelectMany(c => new[] { Cosine(row, Vector(q, c)), Cosine(Vector(p, r), Vector(p, c)) })).Select(s => s / 0.5);
            expected += (Math.Log(scores.Sum(Math.Exp)) - (Cosine(row, Vector(p, r)) / 0.5)) / 3;
        }

        Assert.Equal(expected, value.Total.ToDouble(), 1e-9);
        Assert.True(alone < expected);
        Assert.Equal(0, value.Parts.Single(part => part.Name == "masked").Value.ToDouble());
    }

    /// <summary>PyLate and FlagEmbedding multiply padding by 0, so that a longer passage elsewhere in the batch changes a score.</summary>
    [Fact]
    public void Scores_DoNotDependOnPadding_PyLate()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var query = new MultiVectors(tensor([1.0, 0], [1, 2]), [0]);
        var away = tensor([-1.0, 0], [1, 2]);
        var (alone, beside) = (new MultiVectors(away, [0]), new MultiVectors(cat([away, ones([3, 2], float64)]), [0, 1]));

        Assert.Equal(Score(MaxSimConvention.SentenceTransformers, alone), Score(MaxSimConvention.SentenceTransformers, beside));
        Assert.Equal(-1, Score(MaxSimConvention.SentenceTransformers, beside));
        Assert.Equal(-1, Score(MaxSimConvention.PyLate, alone));
        Assert.Equal(0, Score(MaxSimConvention.PyLate, beside));

        double Score(MaxSimConvention convention, MultiVectors passages) =>
            new LateInteractionScorer(Similarity.Cos, convention).All(new LossInputs { Queries = new() { MultiVector = query }, Passages = new() { MultiVector = passages } }, new RowRange(0, 1))[0, 0].ToDouble();
    }

    /// <summary>FlagEmbedding 914: scores of late interaction below 0 are scores like others; the loss tells -0.9 from -0.1.</summary>
    [Fact]
    public void NegativeScores_AreRanked_FlagEmbedding914()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var queries = new MultiVectors(tensor([1.0, 0, 1, 0], [2, 2]), [0, 1]);
        var passages = new MultiVectors(tensor([-0.1, 0, -0.9, 0], [2, 2]), [0, 1]);
        var loss = new InBatch(new LateInteractionScorer(Similarity.Dot)).Compute(new LossInputs { Queries = new() { MultiVector = queries }, Passages = new() { MultiVector = passages } }).Total.ToDouble();
        Assert.Equal((Math.Log(1 + Math.Exp(-0.8)) + Math.Log(1 + Math.Exp(0.8))) / 2, loss, 1e-9);
    }

    /// <summary>FlagEmbedding 982: unified training may leave every sparse vector empty; the loss and the other gradients stay numbers.</summary>
    [Fact]
    public void SparseVectors_AllEmpty_LeaveTheOthersTheirGradients_FlagEmbedding982()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var batch = LossBatch.Draw(5);
        var empty = batch with { Queries = Empty(batch.Queries), Again = Empty(batch.Again), Passages = Empty(batch.Passages) };
        var (loss, parts, gradients) = empty.Evaluate(new Flops(new M3Unified(0.5), 1, 1));
        Assert.True(double.IsFinite(loss));
        Assert.Equal(0, parts["flops_passages"]);
        Assert.All(gradients, g => Assert.All(g, v => Assert.True(double.IsFinite(v))));
        Assert.Contains(gradients, g => g.Any(v => v != 0));

        static TextValues Empty(TextValues texts) => texts with { Sparse = [.. texts.Sparse.Select(_ => Array.Empty<double>())], Ids = [.. texts.Ids.Select(_ => Array.Empty<long>())] };
    }

    /// <summary>FlagEmbedding counts M3's steps in the process, so that a resumed training begins without self-distillation.</summary>
    [Fact]
    public void SelfDistillation_BeginsByTheStepGiven_NotByCallsOfTheLoss()
    {
        PythonTorch.RequireTorch();
        var batch = LossBatch.Draw(6);
        var loss = new M3Unified(0.5) { SelfDistillationStart = 10 };
        for (var call = 0; call < 2; call++)
        {
            Assert.DoesNotContain("self_distillation", (batch with { Step = 9 }).Evaluate(loss).Parts.Keys);
            Assert.Contains("self_distillation", (batch with { Step = 10 }).Evaluate(loss).Parts.Keys);
        }
    }

    /// <summary>FlagEmbedding's m3_kd_loss without in-batch negatives looks for the own candidates of row i at i · group among the row's own group alone.</summary>
    [Fact]
    public void M3Distillation_WithoutInBatchNegatives_ReadsTheRowsOwnScores()
    {
        PythonTorch.RequireTorch();
        var batch = LossBatch.Draw(8);
        batch = batch with { Excluded = [.. Enumerable.Range(0, LossBatch.Rows).SelectMany(r => Enumerable.Range(0, LossBatch.Count).Where(c => !batch.Own[r].Contains(c)).Select(c => (r, c)))] };
        var apart = batch.Evaluate(new FlagDistillation(new DenseScorer(Similarity.Cos), 0.1, DistillationForm.M3, inBatch: false));
        var masked = batch.Evaluate(new FlagDistillation(new DenseScorer(Similarity.Cos), 0.1, DistillationForm.M3));
        Assert.Equal(masked.Loss, apart.Loss, 1e-10);
        LossContract.Near(masked.Gradients, apart.Gradients, 1e-10);
    }

    /// <summary>FlagEmbedding's negatives across devices are not scaled by their number, so that gradients shrink with it; here shares of ranks add up to the gradient of one process.</summary>
    [Fact]
    public void Shares_OfTwoRanks_AddUpToTheGradientOfOne_FlagEmbeddingCrossDevice()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var batch = LossBatch.Draw(9);
        var loss = new InfoNce(0.1, symmetric: true);
        var whole = batch.Evaluate(loss);
        var ranks = new[] { new RowRange(0, 3), new RowRange(3, 2) }.Select(rows =>
        {
            var inputs = batch.Inputs();
            loss.Compute(inputs, rows).Total.backward();
            return batch.Passages.Gradients(inputs.Passages);
        }).ToList();
        LossContract.Near([.. whole.Gradients.Skip(6 * LossBatch.Rows)], [.. ranks[0].Zip(ranks[1], (a, b) => a.Zip(b, (x, y) => x + y).ToArray())], 1e-10);
    }

    /// <summary>sentence-transformers 3453: gathered batches stood as P P N N, labels counted P N P N. With two negatives each, the pair sought is query r with candidate r.</summary>
    [Fact]
    public void Labels_AreThePositives_WithSeveralNegatives_3453()
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var queries = tensor([1.0, 0, 0, 1], [2, 2]);
        var passages = tensor([1.0, 0.1, 0.1, 1, 0.7, 0.7, 0.5, 0.9, -1, 0.2, 0.3, -1], [6, 2]);
        var inputs = LossInputs.Dense(queries, passages) with { Own = tensor([0L, 2, 4, 1, 3, 5], [2, 3]), TeacherScores = tensor([9.0, 1, 0, 9, 2, 0], [2, 3]) };
        var expected = Enumerable.Range(0, 2).Sum(r =>
            (Math.Log(Enumerable.Range(0, 6).Sum(c => Math.Exp(Cosine(Vector(queries, r), Vector(passages, c))))) - Cosine(Vector(queries, r), Vector(passages, r))) / 2);
        Assert.Equal(expected, new InfoNce(1).Compute(inputs).Total.ToDouble(), 1e-9);
        Assert.Equal(expected, new FlagDistillation(new DenseScorer(Similarity.Cos), 1, DistillationForm.None).Compute(inputs).Total.ToDouble(), 1e-9);

        var margins = new[] { (0, 2, 8.0), (0, 4, 9), (1, 3, 7), (1, 5, 9) }.Average(m =>
            Math.Pow(Dot(Vector(queries, m.Item1), Vector(passages, m.Item1)) - Dot(Vector(queries, m.Item1), Vector(passages, m.Item2)) - m.Item3, 2));
        Assert.Equal(margins, LossTable.Create(new LossOptions { Kind = LossKind.MarginMse }).Compute(inputs).Total.ToDouble(), 1e-9);
    }

    /// <summary>sentence-transformers 3862: a cached loss dropped all but the last mini-batch; here the last is smaller, and all count.</summary>
    [Fact]
    public void Tiles_AllCount_WhenTheLastIsSmaller_3862()
    {
        PythonTorch.RequireTorch();
        var batch = LossBatch.Draw(10);
        Assert.All(batch.Evaluate(new InfoNce(0.1), tile: 2).Gradients.Take(LossBatch.Rows).Where((_, r) => r != 2), g => Assert.Contains(g, v => v != 0));
    }

    /// <summary>sentence-transformers draws Matryoshka's dimensions without a seed; here a step draws the same ones always, and steps differ.</summary>
    [Fact]
    public void Dimensions_DrawnForAStep_DependOnSeedAndStepAlone()
    {
        var loss = new Matryoshka(new InfoNce(), [768, 512, 256, 128, 64]) { DimensionsPerStep = 2, Seed = 5 };
        var same = new Matryoshka(new InfoNce(), [768, 512, 256, 128, 64]) { DimensionsPerStep = 2, Seed = 5 };
        var draws = Enumerable.Range(0, 200).Select(loss.Drawn).ToList();
        Assert.All(draws.Index(), d => Assert.Equal(d.Item, same.Drawn(d.Index)));
        Assert.All(draws, d => Assert.Equal(2, d.Distinct().Count()));
        Assert.Equal(10, draws.Select(d => string.Join(' ', d)).Distinct().Count());
    }

    static double[] Vector(Tensor matrix, int row) => matrix[row].data<double>().ToArray();

    static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    static double Cosine(double[] a, double[] b) => Dot(a, b) / Math.Sqrt(Dot(a, a) * Dot(b, b));
}
