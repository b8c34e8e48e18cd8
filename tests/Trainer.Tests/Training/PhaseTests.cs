using TorchSharp;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Batches;
using Trainer.Training.Optimization;
using Trainer.Training.Watching;

namespace Trainer.Tests.Training;

/// <summary>Every regime in the training loop: phases that follow each other, stopped within and between them, resumed, saved.</summary>
[Collection(TorchCollection.Name)]
public sealed class PhaseTests
{
    static readonly TrainOptions Options = RegimeCases.Options;

    public PhaseTests() => Assert.SkipWhen(TorchRuntime.Unavailable is not null, TorchRuntime.Unavailable ?? "");

    public static TheoryData<string> Names => [.. RegimeCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Run_GivesTheSameBytes_WhereverItWasStoppedAndResumed(string regime)
    {
        using var fixture = new TrainFixture(2, specialTokens: true, taught: true, rows: 120);
        var options = RegimeCases.All[regime];
        using var undisturbed = new TrainFixture.Observer();
        var whole = TrainLoop.Run(RegimeCases.Inputs(fixture, "whole", options), options, undisturbed, undisturbed.Token);
        var steps = Math.Max(1, options.Phases.Count) * options.MaxSteps!.Value;
        Assert.Equal(steps, whole.Steps);
        Assert.Equal(steps, undisturbed.Points.Count(p => p.Key == WatchKeys.TrainLoss));
        Assert.All(undisturbed.Points, p => Assert.True(double.IsFinite(p.Value), p.Key));

        foreach (var at in Enumerable.Range(1, steps - 1).Where(s => s % 2 == 1 || s == options.MaxSteps))
        {
            using var stopped = new TrainFixture.Observer(at);
            Assert.Throws<OperationCanceledException>(() => TrainLoop.Run(RegimeCases.Inputs(fixture, "stopped", options, resume: true), options, stopped, stopped.Token));

            // What another training left in the process must not matter.
            torch.random.manual_seed(1);
        }

        using var resumed = new TrainFixture.Observer();
        var result = TrainLoop.Run(RegimeCases.Inputs(fixture, "stopped", options, resume: true), options, resumed, resumed.Token);
        Assert.True(result.ResumedAt > 0);
        Assert.Equal(fixture.Bytes("whole"), fixture.Bytes("stopped"));
    }

    [Fact]
    public void M3_TrainsHeadsAlone_WhileTheEncoderIsFrozen_AndSavesThemBesideTheModel()
    {
        using var fixture = new TrainFixture(2, specialTokens: true, rows: 120);
        using var observer = new TrainFixture.Observer();
        var dense = Options with { MaxSteps = 2 };
        TrainLoop.Run(fixture.Inputs("dense"), dense, observer, observer.Token);
        var initial = FileSet.FromFolder(fixture.Folder("dense-output"));
        var heads = Options with
        {
            MaxSteps = 2,
            MultiVectorLength = 8,
            Loss = new LossOptions { Kind = LossKind.M3 },
            Optimization = new OptimizationOptions { Freeze = ["embeddings", "encoder"] },
        };
        TrainLoop.Run(fixture.Inputs("heads") with { InitialModel = initial }, heads, observer, observer.Token);

        var files = FileSet.FromFolder(fixture.Folder("heads-output"));
        Assert.Equal(File.ReadAllBytes(initial["model.safetensors"]), File.ReadAllBytes(files["model.safetensors"]));
        Assert.Contains(observer.Lines, l => l.StartsWith("Frozen: ", StringComparison.Ordinal));
        using var model = MultiHeadModel.Load(files);
        Assert.Equal(HeadSet.Dense | HeadSet.Sparse | HeadSet.MultiVector, model.Available);
        var vectors = model.Encode(["1 2 3"], TextRole.Passage, HeadSet.MultiVector, cancellationToken: TestContext.Current.CancellationToken)[0].MultiVector!;
        Assert.All(vectors, v => Assert.Equal(8, v.Length));
    }

    [Fact]
    public void CrossEncoder_LearnsToRank_AndIsSavedAsOne()
    {
        using var fixture = new TrainFixture(2, specialTokens: true, rows: 120);
        using var observer = new TrainFixture.Observer();
        var options = RegimeCases.All["cross-encoder"] with { MaxSteps = 40, LearningRate = 5e-3, CheckpointEvery = 0, EvalEvery = 40, BatchSize = 24 };
        TrainLoop.Run(fixture.Inputs("ranker"), options, observer, observer.Token);

        var losses = observer.Points.Where(p => p.Key == WatchKeys.TrainLoss).Select(p => p.Value).ToList();
        Assert.True(losses.TakeLast(5).Average() < losses.Take(5).Average(), string.Join(", ", losses));
        Assert.Equal([0L, 40L], observer.Points.Where(p => p.Key == "dev_ndcg@10").Select(p => p.Step));
        var files = FileSet.FromFolder(fixture.Folder("ranker-output"));
        Assert.True(CrossEncoder.IsOne(files));
        using var model = CrossEncoder.Load(files);
        Assert.Equal(2, model.Score(ModelFolder.LoadTokenizer(files), ["1 2", "3"], ["1 4", "200 5"], cancellationToken: TestContext.Current.CancellationToken).Length);
    }

    [Fact]
    public void RollBack_GoesBackToTheBestWeights_AndOnAtALowerRate()
    {
        using var fixture = new TrainFixture(1, specialTokens: true, rows: 120);
        using var observer = new TrainFixture.Observer();

        // So small a rate moves cosines, but no rank: the evaluation at the start stays the best.
        var options = Options with
        {
            LearningRate = 1e-6,
            FinalLearningRate = 1e-6,
            MaxSteps = 6,
            EvalEvery = 1,
            Watch = new WatchOptions { Sample = 32, Shift = AlarmPolicy.RollBack, ShiftBy = 0, MaxRollBacks = 1 },
        };
        TrainLoop.Run(fixture.Inputs("back"), options, observer, observer.Token);
        var log = TrainingLog.Read(FileSet.FromFolder(fixture.Folder("back-output")));

        var action = log.Marks.Single(m => m.Kind == TrainingMarks.Action && m.Name == "roll_back");
        double Rate(long step) => log.Points.Single(p => p.Key == "learning_rate" && p.Step == step).Value;
        Assert.Equal(0.5, Rate(action.Step + 1) / Rate(action.Step), 1e-9);
        Assert.Contains(observer.Lines, l => l.StartsWith("SHIFT", StringComparison.Ordinal));
    }

    [Fact]
    public void MaxStepsOfZero_MakesTheModel_WithoutTrainingIt()
    {
        using var fixture = new TrainFixture(1, specialTokens: true, rows: 120);
        using var observer = new TrainFixture.Observer();
        var result = TrainLoop.Run(fixture.Inputs("new"), Options with { MaxSteps = 0 }, observer, observer.Token);
        Assert.Equal((0, 0), (result.Steps, result.BestStep));
        using var fresh = TransformerEncoder.Create(Options.Transformer!.ToConfig(ModelFolder.LoadTokenizer(fixture.Tokenizer).VocabularySize, 0), 5);
        using var saved = TransformerEncoder.Load(FileSet.FromFolder(fixture.Folder("new-output")));
        Assert.All(fresh.Parameters.Zip(saved.Parameters), p => Assert.Equal(p.First.Value.data<float>().ToArray(), p.Second.Value.data<float>().ToArray()));
    }

    [Fact]
    public void AutoTable_FindsBatchSizesByTrial_KeepsThem_AndTrainsWithThem()
    {
        using var fixture = new TrainFixture(1, specialTokens: true, rows: 120);
        using var observer = new TrainFixture.Observer();
        var options = Options with
        {
            QueryLength = 16,
            PassageLength = 64,
            MaxSteps = 2,
            EvalEvery = 0,
            Batches = new BatchOptions { Table = BatchTable.Auto, Tuning = new BatchTuning { Lengths = [16, 64], Most = 16 } },
        };
        var inputs = fixture.Inputs("auto") with { BatchSizesFile = fixture.Folder("sizes.json") };
        TrainLoop.Run(inputs, options, observer, observer.Token);
        var found = Assert.Single(observer.Lines, l => l.StartsWith("Batch sizes found", StringComparison.Ordinal));
        Assert.Contains("16 rows up to 16 tokens, 16 rows up to 64 tokens", found, StringComparison.Ordinal);

        using var again = new TrainFixture.Observer();
        TrainLoop.Run(inputs with { Output = fixture.Folder("again-output"), Scratch = fixture.Folder("again-scratch") }, options, again, again.Token);
        Assert.Contains(again.Lines, l => l.StartsWith("Batch sizes kept", StringComparison.Ordinal));
        Assert.Equal(fixture.Bytes("auto"), fixture.Bytes("again"));
    }

    [Fact]
    public void Phases_OfTwoKindsOfModel_AreRefused()
    {
        using var fixture = new TrainFixture(1, specialTokens: true, rows: 120);
        using var observer = new TrainFixture.Observer();
        var mixed = Options with { Phases = [new() { Name = "embed" }, new() { Name = "rank", Objective = ObjectiveKind.CrossEncoder }] };
        Assert.Contains("Phase embed trains embeddings", Assert.Throws<TrainerException>(() => TrainLoop.Run(fixture.Inputs("a"), mixed, observer, observer.Token)).Message, StringComparison.Ordinal);
        var hidden = TrainFixture.Options with { Objective = ObjectiveKind.MaskedLanguage };
        Assert.Contains("needs a transformer", Assert.Throws<TrainerException>(() => TrainLoop.Run(fixture.Inputs("b"), hidden, observer, observer.Token)).Message, StringComparison.Ordinal);
    }
}
