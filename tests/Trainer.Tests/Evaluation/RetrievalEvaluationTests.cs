using System.Text.Json;
using DataPrep;
using DataPrep.Tables;
using DataPrep.Text.WordPiece;
using TorchSharp;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Evaluation;

[Collection(TorchCollection.Name)]
public sealed class RetrievalEvaluationTests
{
    public RetrievalEvaluationTests() => Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");

    [Fact]
    public void TopK_EqualsSortingEverything_AcrossBlocks()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(9);
        var (queries, documents) = (randn(300, 8), randn(70000, 8));
        var results = ExactSearch.TopK(queries, documents, 5, TestContext.Current.CancellationToken);
        foreach (var q in new[] { 0, 255, 256, 299 })
        {
            var scores = matmul(documents, queries.select(0, q)).data<float>().ToArray();
            var expected = Enumerable.Range(0, scores.Length).OrderByDescending(d => scores[d]).Take(5).ToArray();
            Assert.Equal(expected, results[q].Rows);
            Assert.All(Enumerable.Range(0, 5), i => Assert.Equal(scores[expected[i]], results[q].Scores[i], 1e-5f));
        }
    }

    [Fact]
    public void Run_ReportsThreeSystems_WithTheWeightThatDevQueriesChose()
    {
        var folder = Directory.CreateTempSubdirectory("evaluation-").FullName;
        var (test, dev, model) = Collection();
        using (model)
        {
            var options = new RetrievalOptions { Analyzers = ["cjk", "standard"], Depth = 50, Resamples = 200 };
            var report = RetrievalEvaluation.Run(test, dev, model, options, 1, 2, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(["bm25", "model", "hybrid"], report.Systems.Select(s => s.Name));
            Assert.Equal(dev.Queries.Count, report.DevQueries);

            // The chosen weight is the best on dev, found here by trying them all through the report itself.
            var tried = options.Weights.Select(w => (w, RetrievalEvaluation.Run(
                dev, null, model, options with { Weights = [w], Analyzers = [report.Analyzer] }, 1, 1, cancellationToken: TestContext.Current.CancellationToken)["hybrid"].Trec.Mean(Metric.Standard[0]))).ToList();
            Assert.Equal(tried.Max(t => t.Item2), tried.First(t => t.w == report.Weight).Item2);

            var table = RetrievalFiles.Write(folder, report, new DuckDbTableStore(), TestContext.Current.CancellationToken);
            Assert.Equal(3 * test.Queries.Count, table.Rows);
            var first = File.ReadAllBytes(Path.Combine(folder, RetrievalFiles.ScoresFile));
            using var json = JsonDocument.Parse(first);
            foreach (var system in report.Systems)
            {
                var scores = json.RootElement.GetProperty("systems").GetProperty(system.Name);
                Assert.Equal(["ndcg@10", "mrr@10", "recall@100", "map@100", "p@10"], scores.EnumerateObject().Select(p => p.Name));
                var interval = json.RootElement.GetProperty("intervals").GetProperty(system.Name).GetProperty("ndcg@10");
                Assert.InRange(scores.GetProperty("ndcg@10").GetDouble(), interval[0].GetDouble(), interval[1].GetDouble());
            }

            // Written again, equal bytes; each per-query row holds the calculator's value.
            RetrievalFiles.Write(folder, RetrievalEvaluation.Run(test, dev, model, options, 1, 2, cancellationToken: TestContext.Current.CancellationToken), new DuckDbTableStore(), TestContext.Current.CancellationToken);
            Assert.Equal(first, File.ReadAllBytes(Path.Combine(folder, RetrievalFiles.ScoresFile)));
            var batch = new DuckDbTableStore().Read(Path.Combine(folder, RetrievalFiles.PerQueryFile), RetrievalFiles.PerQuerySchema, TestContext.Current.CancellationToken).First();
            Assert.Equal("hybrid", ((string[])batch.Values[1])[2]);
            Assert.Equal(report["hybrid"].Trec.Queries[0].Values[0], ((double[])batch.Values[2])[2]);
        }

        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Run_HoldsTheModelAgainstABaseline_QueryByQuery()
    {
        var folder = Directory.CreateTempSubdirectory("baseline-").FullName;
        var (test, _, model) = Collection();
        using var owned = model;
        using var encoder = StaticEncoder.Create(model.Config.VocabularySize, new StaticEncoderOptions { Dimensions = 24, Init = TableInit.Normal }, 9);
        var before = new EmbeddingModel(model.Config, model.Tokenizer, encoder);
        var options = new RetrievalOptions { Analyzers = ["standard"], Resamples = 200 };
        var token = TestContext.Current.CancellationToken;

        var report = RetrievalEvaluation.Run(test, null, model, options, 1, 1, before, cancellationToken: token);
        var own = RetrievalEvaluation.Run(test, null, before, options, 1, 1, cancellationToken: token);
        Assert.Null(own.OverBaseline);
        foreach (var (metric, (baseline, difference)) in report["model"].Trec.Metrics.Zip(report.OverBaseline!))
        {
            Assert.Equal(own["model"].Trec.Mean(metric), baseline);
            Assert.Equal(report["model"].Trec.Mean(metric) - baseline, difference.Mean, 1e-12);
            Assert.InRange(difference.Mean, difference.Low, difference.High);
        }

        RetrievalFiles.Write(folder, report, new DuckDbTableStore(), token);
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, RetrievalFiles.ScoresFile)));
        Assert.Equal(report.OverBaseline![0].Difference.Low, json.RootElement.GetProperty("over_baseline").GetProperty("ndcg@10").GetProperty("low").GetDouble());
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Hybrid_IsBm25OrTheModel_WhenOneWeighsNothing()
    {
        var (test, _, model) = Collection();
        using (model)
        {
            foreach (var (weight, name) in new[] { (0.0, "bm25"), (1.0, "model") })
            {
                var report = RetrievalEvaluation.Run(test, null, model, new RetrievalOptions { Weights = [weight], Depth = 100 }, 1, 1, cancellationToken: TestContext.Current.CancellationToken);
                Assert.Equal(report[name].Trec.Queries.Select(q => q.Values[0]), report["hybrid"].Trec.Queries.Select(q => q.Values[0]));
            }

            var fused = RetrievalEvaluation.Run(test, null, model, new RetrievalOptions { Hybrid = HybridKind.ReciprocalRank }, 1, 1, cancellationToken: TestContext.Current.CancellationToken);
            Assert.Null(fused.Weight);
            Assert.True(fused["hybrid"].Trec.Mean(Metric.Standard[2]) > 0);
        }
    }

    static (RetrievalCollection Test, RetrievalCollection Dev, EmbeddingModel Model) Collection()
    {
        var words = Enumerable.Range(0, 300).Select(i => $"w{(char)('a' + (i % 26))}{(char)('a' + (i / 26))}").ToArray();
        string[] pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", .. words];
        var random = new global::Trainer.Training.SplitMix64(4);
        var documents = Enumerable.Range(0, 80).Select(i => new EvaluationDocument($"d{i}", Words(i, 12))).ToList();
        var pairs = documents.Select((d, i) => new Pair($"q{i}", Words(i, 3), d.DocId, null, "title", i % 2 == 0 ? "test" : "dev")).ToList();
        var encoder = StaticEncoder.Create(pieces.Length, new StaticEncoderOptions { Dimensions = 24 }, 1, pieces);
        var config = new ModelConfig
        {
            ModelType = "static",
            Dimensions = 24,
            VocabularySize = pieces.Length,
            Pooling = "weighted_mean",
            Normalize = true,
            QueryLength = 16,
            PassageLength = 32,
        };
        var tokenizer = new WordPieceTokenizer(WordPieceModel.Bert(pieces, new WordPieceSettings()));
        return (RetrievalCollection.FromPairs(documents, pairs, "test"), RetrievalCollection.FromPairs(documents, pairs, "dev"), new EmbeddingModel(config, tokenizer, encoder));

        string Words(int topic, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => words[random.Below(4) == 0 ? random.Below(300) : (topic * 3) + random.Below(9)]));
    }
}
