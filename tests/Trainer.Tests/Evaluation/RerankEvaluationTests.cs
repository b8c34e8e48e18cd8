using DataPrep;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Evaluation;
using Trainer.Tests.Torch;

namespace Trainer.Tests.Evaluation;

/// <summary>A cross-encoder's order of what a first search found.</summary>
[Collection(TorchCollection.Name)]
public sealed class RerankEvaluationTests
{
    const int Depth = 3;

    public RerankEvaluationTests() => PythonTorch.RequireTorch();

    [Fact]
    public void Run_OrdersTheFirstResultsByScore_KeepsTheRest_AndHoldsItAgainstTheOrderBefore()
    {
        var files = FileSet.FromFolder(Fixture.Shared("golden/bert-mini"));
        var tokenizer = ModelFolder.LoadTokenizer(files);
        using var model = CrossEncoder.Start(files, 9);
        var collection = Collection();

        var report = RerankEvaluation.Run(
            collection, null, model, tokenizer, null, new RetrievalOptions { Resamples = 200 }, new RerankOptions { Depth = Depth }, 3, 1, cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["bm25", "model"], report.Systems.Select(s => s.Name));
        var texts = collection.Documents.ToDictionary(d => d.DocId, d => d.Text);
        foreach (var query in collection.Queries)
        {
            var (before, after) = (Ranked(report["bm25"].Run, query), Ranked(report["model"].Run, query));
            Assert.True(before.Count > Depth, "the case must have a rest");
            var scores = model.Score(tokenizer, [.. before.Take(Depth).Select(_ => query.Text)], [.. before.Take(Depth).Select(d => texts[d])], cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(before.Take(Depth).Zip(scores).OrderByDescending(p => p.Second).Select(p => p.First).Concat(before.Skip(Depth)), after);
        }

        Assert.Equal(("bm25", Depth, Depth * collection.Queries.Count), report.Reranked!.Value);
        Assert.All(report.OverBaseline!.Zip(report["model"].Trec.Metrics), pair =>
        {
            Assert.Equal(report["bm25"].Trec.Mean(pair.Second), pair.First.Baseline, 1e-12);
            Assert.Equal(report["model"].Trec.Mean(pair.Second) - pair.First.Baseline, pair.First.Difference.Mean, 1e-12);
            Assert.InRange(pair.First.Difference.Mean, pair.First.Difference.Low, pair.First.Difference.High);
        });
    }

    [Fact]
    public void Run_OrdersARetrieversResults_WhereOneIsGiven()
    {
        var files = FileSet.FromFolder(Fixture.Shared("golden/bert-mini"));
        using var retriever = Export.ExportFolder.Transformer("bert-mini", Trainer.Heads.PoolingMode.Cls, normalize: true);
        using var model = CrossEncoder.Start(files, 9);
        var report = RerankEvaluation.Run(
            Collection(), null, model, ModelFolder.LoadTokenizer(files), retriever, new RetrievalOptions { Resamples = 200 }, new RerankOptions { Depth = Depth }, 3, 1,
            cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(["bm25", "retriever", "model"], report.Systems.Select(s => s.Name));
        Assert.Equal("retriever", report.Reranked!.Value.First);
        Assert.All(Collection().Queries, q => Assert.Equal(Ranked(report["retriever"].Run, q).Take(Depth).Order(StringComparer.Ordinal), Ranked(report["model"].Run, q).Take(Depth).Order(StringComparer.Ordinal)));
    }

    static List<string> Ranked(RetrievalRun run, Query query) => [.. RetrievalRun.Rank(run[query.QueryId]!, MetricProfile.Trec).Select(d => d.DocId)];

    static RetrievalCollection Collection()
    {
        string[] words = ["wing", "lift", "drag", "engine", "flow", "heat"];
        var documents = Enumerable.Range(0, 12).Select(i => new EvaluationDocument($"d{i:D2}", string.Join(' ', Enumerable.Range(0, 8).Select(w => words[((i * 5) + (w * w) + (i * w)) % words.Length])))).ToList();
        var queries = words.Take(4).Select((w, i) => new Query($"q{i}", $"{w} {words[i + 1]}")).ToList();
        return new RetrievalCollection(documents, queries, [.. queries.SelectMany((q, i) => new[] { new Qrel(q.QueryId, $"d{i:D2}", 1), new Qrel(q.QueryId, $"d{i + 6:D2}", 1) })]);
    }
}
