using DataPrep;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Merging;
using Trainer.Tests.Export;
using Trainer.Tests.Torch;
using Trainer.Training.Watching;

namespace Trainer.Tests.Merging;

/// <summary>What a merge is weighed and judged by, measured on models and texts.</summary>
[Collection(TorchCollection.Name)]
public sealed class MergeMeasureTests
{
    static readonly RetrievalCollection Pairs = new(
        [.. Enumerable.Range(0, 6).Select(i => new EvaluationDocument($"d{i}", $"passage {i} of wings {i * 7}"))],
        [.. Enumerable.Range(0, 6).Select(i => new Query($"q{i}", $"wings {i * 7}"))],
        [.. Enumerable.Range(0, 6).Select(i => new Qrel($"q{i}", $"d{i}", 1))]);

    public MergeMeasureTests() => PythonTorch.RequireTorch();

    [Fact]
    public void ExampleLoss_IsTheMeanOfMinusLogSoftmaxOfTheCosines()
    {
        using var model = ExportFolder.Transformer("bert-mini", Trainer.Heads.PoolingMode.Mean, normalize: true);
        var found = ExampleLoss.Of(model, Pairs, 100, 3, 1, TestContext.Current.CancellationToken);

        var queries = model.Encode([.. Pairs.Queries.Select(q => q.Text)], TextRole.Query);
        var passages = model.Encode([.. Pairs.Documents.Select(d => d.Text)], TextRole.Passage);
        var expected = Enumerable.Range(0, 6).Average(i =>
        {
            var scores = passages.Select(p => p.Zip(queries[i], (a, b) => (double)a * b).Sum() / 0.02).ToList();
            return Math.Log(scores.Sum(s => Math.Exp(s - scores.Max()))) + scores.Max() - scores[i];
        });
        Assert.Equal(expected, found, 1e-3);

        var alone = Pairs with { Qrels = [new Qrel("q0", "d0", 1)] };
        Assert.Contains("two or more", Assert.Throws<TrainerException>(() => ExampleLoss.Of(model, alone, 100, 3, 1, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Forgetting_IsMeasuredQueryByQuery_WithAnInterval()
    {
        using var one = ExportFolder.StaticModel(QuerySide.Shared, normalize: true);
        using var other = ExportFolder.StaticModel(QuerySide.Shared, normalize: true);
        using (TorchSharp.torch.no_grad())
        {
            TorchSharp.torch.random.manual_seed(3);
            other.Encoder.Parameters[0].Value.mul_(TorchSharp.torch.randn_like(other.Encoder.Parameters[0].Value));
        }

        var (before, after) = Mrr(one) > Mrr(other) ? (one, other) : (other, one);

        var options = new ForgettingOptions { Metrics = ["ndcg@10", "mrr"], MaxDrop = 0 };
        var watched = new[] { new WatchCollection("wings", Pairs), new WatchCollection("again", Pairs) };
        var same = ForgettingReport.Measure(before, before, watched, options, 3, 1, cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal([("again", "ndcg@10"), ("again", "mrr"), ("wings", "ndcg@10"), ("wings", "mrr")], same.Rows.Select(r => (r.Collection, r.Metric)));
        Assert.All(same.Rows, r => Assert.Equal((0.0, new Interval(0, 0, 0), false), (r.Drop, r.Change!.Value, r.Exceeds)));

        var lost = ForgettingReport.Measure(before, after, watched, options, 3, 1, cancellationToken: TestContext.Current.CancellationToken);
        var row = lost.Rows.Single(r => r is { Collection: "wings", Metric: "mrr" });
        Assert.Equal((Mrr(before), Mrr(after)), (row.Before, row.After));
        Assert.Equal(row.After - row.Before, row.Change!.Value.Mean, 1e-12);
        Assert.True(row.Exceeds && lost.Exceeded, $"{row}");
        Assert.Matches(@"wings mrr: 0\.\d{4} before, 0\.\d{4} after \(-0\.\d{4} \[-0\.\d{4}, [+-]?0\.\d{4}\]\), more than the 0 that may be lost", lost.Lines.Last());
        Assert.Throws<TrainerException>(() => ForgettingReport.Measure(before, after, [], options, 3, 1, cancellationToken: TestContext.Current.CancellationToken));
    }

    // Reciprocal rank by hand: no two scores of this case are equal.
    static double Mrr(EmbeddingModel model)
    {
        var queries = model.Encode([.. Pairs.Queries.Select(q => q.Text)], TextRole.Query);
        var passages = model.Encode([.. Pairs.Documents.Select(d => d.Text)], TextRole.Passage);
        return Enumerable.Range(0, 6).Sum(i => 1.0 / (1 + passages.Count(p => Dot(p, queries[i]) > Dot(passages[i], queries[i])))) / 6;

        static float Dot(float[] a, float[] b) => a.Zip(b, (x, y) => x * y).Sum();
    }
}
