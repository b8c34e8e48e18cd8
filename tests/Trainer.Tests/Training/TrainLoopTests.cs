using TorchSharp;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Losses;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Watching;
using static TorchSharp.torch;

namespace Trainer.Tests.Training;

[Collection(TorchCollection.Name)]
public sealed class TrainLoopTests
{
    public TrainLoopTests() => Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");

    [Fact]
    public void Run_LearnsToFindHeldOutDocuments()
    {
        using var fixture = new TrainFixture(2);
        using var observer = new TrainFixture.Observer();
        var result = TrainLoop.Run(fixture.Inputs("a"), TrainFixture.Options, observer, observer.Token);

        Assert.Equal((36, 0), (result.Steps, result.ResumedAt));
        var losses = observer.Points.Where(p => p.Key == "train_loss").Select(p => p.Value).ToList();
        Assert.True(losses[^1] < losses[0] / 2, $"loss {losses[0]} -> {losses[^1]}");
        var dev = observer.Points.Where(p => p.Key == "dev_ndcg@10").Select(p => p.Value).ToList();
        Assert.Equal(result.DevMetric, dev[^1]);
        Assert.True(dev[^1] > 0.6, $"nDCG@10 {dev[^1]}");
        Assert.Equal([4, 8, 12, 16, 20, 24, 28, 32], observer.Checkpoints.Select(c => c.Step));
        Assert.Equal([20L], observer.Checkpoints.Where(c => c.Metric is not null).Select(c => c.Step));
        Assert.Contains("\"epoch\":0,\"batch\":8", observer.Checkpoints[1].Cursor, StringComparison.Ordinal);

        // The model that was written is the model that was trained.
        using var model = ModelFolder.Load(FileSet.FromFolder(fixture.Folder("a-output")));
        Assert.Equal(result.ModelDigest, model.Digest);
        var sample = new WatchCollection("dev", fixture.Dev.Subset(TrainFixture.Options.EvalQueries, TrainFixture.Options.EvalDocuments, 5));
        var evaluator = new CollectionEvaluator(sample, model, 64, 1, TestContext.Current.CancellationToken);
        Assert.Equal(result.DevMetric, evaluator.Measure(model, null, TestContext.Current.CancellationToken).Ndcg);
        var histograms = TrainingLog.Read(FileSet.FromFolder(fixture.Folder("a-output"))).Histograms.Where(h => h.Step == 36).ToDictionary(h => h.Kind);
        Assert.True(histograms["positive"].Mean > histograms["hard_negative"].Mean);
        Assert.True(histograms["hard_negative"].Mean + 1 > histograms["in_batch"].Mean);
        Assert.Equal(512, histograms["positive"].Counts.Sum());
    }

    [Theory]
    [InlineData(1, KeepKind.Last)]
    [InlineData(2, KeepKind.Best)]
    public void Run_GivesTheSameBytes_WhereverItWasStoppedAndResumed(int threads, KeepKind keep)
    {
        using var fixture = new TrainFixture(threads);
        var options = TrainFixture.Options with { Keep = keep };
        using var undisturbed = new TrainFixture.Observer();
        TrainLoop.Run(fixture.Inputs("whole"), options, undisturbed, undisturbed.Token);
        var expected = fixture.Bytes("whole");

        var random = new SplitMix64(21);
        foreach (var name in new[] { "b", "c", "d", "e" })
        {
            var resumedAt = 0;
            for (var at = 1 + random.Below(12); at < 36; at += 1 + random.Below(16))
            {
                using var stopped = new TrainFixture.Observer(at);
                Assert.Throws<OperationCanceledException>(() => TrainLoop.Run(fixture.Inputs(name, resume: true), options, stopped, stopped.Token));
                random_reset();
            }

            using var observer = new TrainFixture.Observer();
            resumedAt = TrainLoop.Run(fixture.Inputs(name, resume: true), options, observer, observer.Token).ResumedAt;
            Assert.True(resumedAt > 0);
            Assert.Equal(resumedAt + 1, observer.Points[0].Step);
            Assert.Equal(expected, fixture.Bytes(name));
        }

        // What another training left in the process must not matter.
        static void random_reset() => torch.random.manual_seed(1);
    }

    [Fact]
    public void Run_GoesBackToTheCheckpointBefore_WhenTheNewestIsDamaged()
    {
        using var fixture = new TrainFixture(1);
        using var undisturbed = new TrainFixture.Observer();
        TrainLoop.Run(fixture.Inputs("whole"), TrainFixture.Options, undisturbed, undisturbed.Token);

        using var stopped = new TrainFixture.Observer(14);
        Assert.Throws<OperationCanceledException>(() => TrainLoop.Run(fixture.Inputs("torn"), TrainFixture.Options, stopped, stopped.Token));
        var newest = Checkpoint.Find(fixture.Folder("torn-scratch"))[0];
        Assert.EndsWith("checkpoint-00000012", newest.Label, StringComparison.Ordinal);
        using (var file = File.OpenWrite(newest["optimizer.safetensors"]))
        {
            file.SetLength(file.Length - 1);
        }

        using var observer = new TrainFixture.Observer();
        var result = TrainLoop.Run(fixture.Inputs("torn", resume: true), TrainFixture.Options, observer, observer.Token);
        Assert.Equal(8, result.ResumedAt);
        Assert.Contains("checkpoint-00000012: optimizer.safetensors does not have the digest", observer.Lines[0], StringComparison.Ordinal);
        Assert.Equal(fixture.Bytes("whole"), fixture.Bytes("torn"));
    }

    [Fact]
    public void Run_StartsAnew_WhenCheckpointsAreOfAnotherTraining()
    {
        using var fixture = new TrainFixture(1);
        using var stopped = new TrainFixture.Observer(9);
        Assert.Throws<OperationCanceledException>(() => TrainLoop.Run(fixture.Inputs("a"), TrainFixture.Options, stopped, stopped.Token));

        using var observer = new TrainFixture.Observer();
        var result = TrainLoop.Run(fixture.Inputs("a", resume: true), TrainFixture.Options with { Loss = new LossOptions { Temperature = 0.1 }, MaxSteps = 5 }, observer, observer.Token);
        Assert.Equal(0, result.ResumedAt);
        Assert.Contains("other options", observer.Lines[0], StringComparison.Ordinal);

        // Writing checkpoints more often is no other training.
        using var denser = new TrainFixture.Observer();
        Assert.Equal(8, TrainLoop.Run(fixture.Inputs("a", resume: true), TrainFixture.Options with { CheckpointEvery = 1 }, denser, denser.Token).ResumedAt);
    }

    [Fact]
    public void Checkpoints_KeepTheLastTwoAndTheBest()
    {
        using var fixture = new TrainFixture(1);
        using var observer = new TrainFixture.Observer();
        var result = TrainLoop.Run(fixture.Inputs("a"), TrainFixture.Options with { EvalEvery = 4, LearningRate = 1e-9, FinalLearningRate = 0, Watch = new WatchOptions { AtStart = false } }, observer, observer.Token);

        // Nothing is learned, so the first evaluation stays the best.
        Assert.Equal(4, result.BestStep);
        Assert.Equal(["checkpoint-00000032", "checkpoint-00000028", "checkpoint-00000004"], Checkpoint.Find(fixture.Folder("a-scratch")).Select(f => Path.GetFileName(f.Label)));
    }

    [Fact]
    public void Run_SaysWhatToDo_WhenTheLossIsNoLongerANumber()
    {
        using var fixture = new TrainFixture(1);
        using var observer = new TrainFixture.Observer();
        var options = TrainFixture.Options with { LearningRate = 10, FinalLearningRate = 10, WarmupSteps = 0, WeightDecay = 10, Clip = null, Epochs = 40, CheckpointEvery = 0, EvalEvery = 0 };
        Assert.Contains("learning_rate", Assert.Throws<TrainerException>(() => TrainLoop.Run(fixture.Inputs("a"), options, observer, observer.Token)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Step_HoldsNoMoreTensors_AfterAThousandSteps()
    {
        using var fixture = new TrainFixture(1);
        using var encoder = StaticEncoder.Create(405, TrainFixture.Options.Encoder, 1);
        using var optimizer = optim.AdamW(encoder.Parameters.Select(p => p.Value), 1e-3);
        var loss = new Matryoshka(new InfoNce(0.05, true), [32, 16]);
        var batch = TrainBatch.Build(fixture.Set, Enumerable.Range(0, 16).ToArray(), 1, 0, 1);
        PlainStep.Run(encoder, optimizer, loss, batch, 1e-3, 1);

        // What tests before this one left to the collector would otherwise go in the midst of the count.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = TorchRuntime.LiveHandles;
        for (var step = 0; step < 1000; step++)
        {
            PlainStep.Run(encoder, optimizer, loss, batch, 1e-3, step % 2 == 0 ? 1 : null);
        }

        Assert.Equal(before, TorchRuntime.LiveHandles);
    }
}
