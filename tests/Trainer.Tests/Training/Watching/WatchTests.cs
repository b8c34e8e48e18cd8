using System.Text;
using DataPrep;
using Trainer.Encoders;
using Trainer.Evaluation;
using Trainer.Losses;
using Trainer.Training;
using Trainer.Training.Watching;
using TorchSharp;

namespace Trainer.Tests.Training.Watching;

/// <summary>Watching a real model: what is measured, what is written, what is refused.</summary>
public sealed class WatchTests
{
    static readonly WatchPlan Plan = new() { LastStep = 100, WarmupEnd = 10, EvaluateEvery = 10, RowsByGenerator = new SortedDictionary<string, long> { ["title"] = 600 }, QueryCollections = ["other"] };

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Watch_MeasuresEveryCollection_AsTheFinalEvaluationDoes()
    {
        using var scene = new WatchScene();
        var verdict = Build(scene).Evaluate(scene.Model, 10, Log(10), HeldOutLosses.Of(new InfoNce()), new Dictionary<string, double> { ["a_term"] = 0.5 }, Cancel);
        var values = verdict.Points.ToDictionary(p => p.Key, p => p.Value);
        Assert.Equal(
        [
            "dev_ndcg@10", "dev_recall@100", "dev_mrr@10", "dev_loss", "other_ndcg@10", "other_recall@100", "other_mrr@10", "mean_ndcg@10", "alignment", "uniformity", "random_pair_std",
            "positive_cosine", "in_batch_cosine", "in_batch_auc", "hard_negative_cosine", "hard_negative_auc", "a_term",
        ], verdict.Points.Select(p => p.Key));
        Assert.All(verdict.Points, p => Assert.Equal(10, p.Step));

        // Ranked by all cosines, one by one.
        foreach (var (name, collection) in new[] { ("dev", scene.Dev), ("other", scene.Other) })
        {
            var queries = scene.Model.Encode([.. collection.Queries.Select(q => q.Text)], TextRole.Query);
            var documents = scene.Model.Encode([.. collection.Documents.Select(d => d.Text)], TextRole.Passage);
            var run = new RetrievalRun();
            for (var q = 0; q < queries.Length; q++)
            {
                run.Add(collection.Queries[q].QueryId, [.. documents.Select((d, i) => new ScoredDocument(collection.Documents[i].DocId, queries[q].Zip(d, (a, b) => (double)a * b).Sum()))]);
            }

            var report = MetricCalculator.Evaluate(collection.Qrels, run, MetricProfile.Trec, complete: true);
            Assert.Equal(report.Mean(Metric.Parse("ndcg@10")), values[name + "_ndcg@10"], 6);
            Assert.Equal(report.Mean(Metric.Parse("recall@100")), values[name + "_recall@100"], 6);
            Assert.Equal(report.Mean(Metric.Parse("mrr@10")), values[name + "_mrr@10"], 6);
        }

        Assert.Equal((values["dev_ndcg@10"] + values["other_ndcg@10"]) / 2, values["mean_ndcg@10"], 12);
        Assert.True(verdict.IsBest);
        Assert.Equal("TASK_MISMATCH", Assert.Single(verdict.Alarms).Name);
        Assert.Equal(("alarm", 10L, "TASK_MISMATCH"), verdict.Marks.Select(m => (m.Kind, m.Step, m.Name)).Single());
    }

    [Fact]
    public void HeldOutLoss_IsTheMeanOverWholeBatches_WithoutFalseNegatives()
    {
        using var scene = new WatchScene();
        using var scope = torch.NewDisposeScope();
        // Query 3's second relevant document is query 5's first: no negative of it.
        var qrels = scene.Dev.Qrels.Append(new Qrel(scene.Dev.Queries[3].QueryId, scene.Dev.Qrels[5].DocId, 1)).Append(new Qrel(scene.Dev.Queries[4].QueryId, scene.Dev.Qrels[6].DocId, 0)).ToList();
        var evaluator = new CollectionEvaluator(new WatchCollection("dev", scene.Dev with { Qrels = qrels }) { HeldOut = true }, scene.Model, 32, 1, Cancel);
        var loss = new InfoNce(0.05, symmetric: true);
        var found = evaluator.Measure(scene.Model, HeldOutLosses.Of(loss, tile: 7), Cancel).Loss;

        var queries = scene.Model.Embed(scene.Model.Tokenize([.. scene.Dev.Queries.Select(q => q.Text)], TextRole.Query, 1, Cancel), TextRole.Query, cancellationToken: Cancel);
        var documents = scene.Model.Embed(scene.Model.Tokenize([.. scene.Dev.Documents.Select(d => d.Text)], TextRole.Passage, 1, Cancel), TextRole.Passage, cancellationToken: Cancel);
        double expected = 0;
        foreach (var from in new[] { 0, 32 })
        {
            var excluded = torch.tensor([.. Enumerable.Range(0, 32 * 32).Select(i => from == 0 && i == (3 * 32) + 5)], [32, 32]);
            expected += loss.Compute(LossInputs.Dense(queries.narrow(0, from, 32), documents.narrow(0, from, 32), excluded)).Total.ToDouble() / 2;
        }

        Assert.Equal(expected, found!.Value, 5);
    }

    [Fact]
    public void Watch_WritesTheSameBytes_WhereverItWasStoppedAndResumed()
    {
        using var scene = new WatchScene();
        var whole = Drive(scene, null);
        Assert.Contains("LOSS_METRIC_DIVERGENCE", whole, StringComparison.Ordinal);
        foreach (var cut in new[] { 10, 30, 50, 70 })
        {
            Assert.Equal(whole, Drive(scene, cut));
        }
    }

    [Fact]
    public void TrainingLog_GivesBackWhatItWrote_AndReadsOlderFiles()
    {
        var folder = Directory.CreateTempSubdirectory("log-").FullName;
        var log = Log(3);
        log.Histograms.Add(CosineStatistics.Histogram(3, "in_batch", [0.1, 0.2, 0.4], [0.3]));
        log.Marks.Add(new TrainingMark(TrainingMarks.Phase, 0, "fine-tuning") { Until = 30 });
        log.Write(folder);
        var read = TrainingLog.Read(FileSet.FromFolder(folder));
        Assert.Equal(log.Points, read.Points);
        Assert.Equal(log.Marks, read.Marks);
        Assert.Equal(log.Histograms[0] with { Counts = [] }, read.Histograms[0] with { Counts = [] });
        Assert.Equal(log.Histograms[0].Counts, read.Histograms[0].Counts);

        File.Delete(Path.Combine(folder, TrainingLog.MarksFile));
        File.WriteAllText(Path.Combine(folder, TrainingLog.HistogramsFile), """{"step":3,"kind":"positive","mean":0.5,"deviation":0.1,"counts":[1,2]}""" + "\n");
        read = TrainingLog.Read(FileSet.FromFolder(folder));
        Assert.Empty(read.Marks);
        Assert.Null(Assert.Single(read.Histograms).Percentiles);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Watch_RefusesAMetricThatNothingGives()
    {
        using var scene = new WatchScene();
        Assert.Contains("other_mrr@10", Assert.Throws<TrainerException>(() => Build(scene, new WatchOptions { Metric = "test_ndcg@10" })).Message, StringComparison.Ordinal);
        Assert.Contains("early_stopping.metric", Assert.Throws<TrainerException>(() => Build(scene, new WatchOptions { EarlyStopping = new() { Metric = "other_loss" } })).Message, StringComparison.Ordinal);
        var twice = new CollectionEvaluator(new WatchCollection("dev", scene.Dev), scene.Model, 8, 1, Cancel);
        Assert.Contains("'dev' stands 2 times", Assert.Throws<TrainerException>(() => new Watch(new WatchOptions(), Plan, null, [twice, twice])).Message, StringComparison.Ordinal);
        Assert.Equal("mean_ndcg@10", Build(scene).Metric);
        Assert.Equal("dev_ndcg@10", new Watch(new WatchOptions(), Plan, null, [twice]).Metric);
    }

    [Fact]
    public void Meter_TellsRates_ByTheClockGiven()
    {
        var clock = new HandClock();
        var meter = new TrainingMeter(clock, torch.CPU);
        using var observer = new TrainFixture.Observer();
        meter.Add(64, 1000);
        meter.Add(64, 3000);
        clock.Seconds = 2;
        meter.Tell(observer, 5);
        clock.Seconds = 3;
        meter.Tell(observer, 6);
        Assert.Equal(["pairs_per_second 5 64", "tokens_per_second 5 2000", "memory_bytes 5", "memory_bytes 6"], observer.Points.Select(p => $"{p.Key} {p.Step}{(p.Key == "memory_bytes" ? "" : $" {p.Value}")}"));
    }

    // Nine evaluations of a model whose weights are spoilt more and more while the loss is said to fall; optionally with all that is remembered going through JSON at a step.
    static string Drive(WatchScene scene, long? cut)
    {
        using var scope = torch.NewDisposeScope();
        using var constant = torch.no_grad();
        var weights = scene.Encoder.Parameters.Select(p => p.Value).First();
        var before = weights.clone();
        var watch = Build(scene, new WatchOptions { LossMetricDivergence = AlarmPolicy.LowerRate });
        var log = new TrainingLog();
        for (var step = 10; step <= 90; step += 10)
        {
            log.Points.AddRange(Log(10).Points.Select(p => p with { Step = p.Step + step - 10, Value = p.Value - (0.01 * step) }));
            weights.copy_(before);
            weights.narrow(0, 0, Math.Min(weights.shape[0], step * 3)).zero_();
            var verdict = watch.Evaluate(scene.Model, step, log, HeldOutLosses.Of(new InfoNce()), null, Cancel);
            log.Points.AddRange(verdict.Points);
            log.Histograms.AddRange(verdict.Histograms);
            log.Marks.AddRange(verdict.Marks);
            if (step == cut)
            {
                var state = watch.State.ToJson();
                watch = Build(scene, new WatchOptions { LossMetricDivergence = AlarmPolicy.LowerRate });
                watch.State = WatchState.FromJson(state);
            }
        }

        weights.copy_(before);
        log.Marks.AddRange(watch.BestMark());
        var folder = Directory.CreateTempSubdirectory("watch-").FullName;
        log.Write(folder);
        var text = new StringBuilder(watch.State.ToJson());
        foreach (var file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            text.Append(File.ReadAllText(file));
        }

        Directory.Delete(folder, recursive: true);
        return text.ToString();
    }

    static Watch Build(WatchScene scene, WatchOptions? options = null) => new(
        options ?? new WatchOptions(), Plan, new CosineProbe(scene.Set, 5, 100),
        [
            new CollectionEvaluator(new WatchCollection("dev", scene.Dev, TaskKind.TitleContent) { HeldOut = true }, scene.Model, 64, 1, Cancel),
            new CollectionEvaluator(new WatchCollection("other", scene.Other), scene.Model, 64, 1, Cancel),
        ]);

    static TrainingLog Log(int steps)
    {
        var log = new TrainingLog();
        log.Points.AddRange(Enumerable.Range(1, steps).SelectMany(s => new[] { new MetricPoint("train_loss", s, 5 - (0.01 * s)), new MetricPoint("learning_rate", s, 0.1) }));
        return log;
    }

    sealed class HandClock : TimeProvider
    {
        public double Seconds { get; set; }

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => (long)(Seconds * 1000);
    }
}
