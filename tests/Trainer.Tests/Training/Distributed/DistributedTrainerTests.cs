using DataPrep.Shards;
using Trainer.Checkpoints;
using Trainer.Encoders.Transformers;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Caching;

namespace Trainer.Tests.Training.Distributed;

/// <summary>The trainer's own program as two ranks: their model is that of one process, also when one of them was killed and both began again.</summary>
[Collection(TorchCollection.Name)]
public sealed class DistributedTrainerTests : IDisposable
{
    static readonly TrainOptions Options = TrainFixture.Options with { QueryLength = 16, PassageLength = 64, Epochs = 12, EvalEvery = 20, Negatives = 2, GradientCache = new GradientCacheOptions { MiniBatch = 48 } };

    TrainFixture? _fixture;

    public DistributedTrainerTests() => PythonTorch.RequireTorch();

    [Fact]
    public async Task TwoRanks_TrainTheModelOfOne_AlsoWhenOneOfThemWasKilled()
    {
        _fixture = Pack(Options, specialTokens: false);
        using var observer = new TrainFixture.Observer();
        var one = TrainLoop.Run(_fixture.Inputs("own"), Options, observer, TestContext.Current.CancellationToken);
        var expected = Weights("own");

        using var again = new RankProcesses(2);
        var killed = Start(again, "killed");
        await killed[0].Printed($"checkpoint of step 4 in {_fixture.Folder("killed-saved")}/checkpoint-00000004");
        killed[1].Kill();
        Assert.Equal(1, killed[0].Exit());
        Assert.Contains("rank 1 was lost", killed[0].Error, StringComparison.Ordinal);

        Directory.Delete(_fixture.Folder("killed-output"), recursive: true);
        using var ranks = new RankProcesses(2);
        var resumed = Start(ranks, "killed");
        Assert.All(resumed, r => Assert.True(r.Exit() == 0, r.Error));
        Assert.Contains("Resumed from the checkpoint of step", resumed[0].Error, StringComparison.Ordinal);
        Assert.Contains($"steps {one.Steps}, ", resumed[0].Output, StringComparison.Ordinal);
        Assert.Equal(resumed[0].Output, resumed[1].Output);
        Assert.InRange(Difference(expected, Weights("killed")), 0, 1e-5);
    }

    [Fact]
    public void TwoRanks_ShareObjectivesOfOtherKinds_Too()
    {
        _fixture = Pack(specialTokens: true, options: Options with
        {
            Transformer = new TransformerOptions { HiddenSize = 16, Layers = 1, Heads = 2, IntermediateSize = 32, MaxLength = 96, Dropout = 0 },
            EvalEvery = 0,
            BatchSize = 8,
            LearningRate = 1e-3,
            GradientCache = null,
            Phases =
            [
                new PhaseOptions { Name = "language", Objective = ObjectiveKind.MaskedLanguage, MaxSteps = 2 },
                new PhaseOptions { Name = "cascade", Objective = ObjectiveKind.Cascade, MaxSteps = 2 },
                new PhaseOptions { Name = "contrast", Objective = ObjectiveKind.Contrastive, MaxSteps = 2, GradientCache = new GradientCacheOptions { MiniBatch = 10, KeepGraphs = 1 } },
            ],
        });
        using var alone = new RankProcesses(1);
        Assert.All(Start(alone, "one"), r => Assert.True(r.Exit() == 0, r.Error));
        using var ranks = new RankProcesses(2);
        Assert.All(Start(ranks, "both"), r => Assert.True(r.Exit() == 0, r.Error));
        var (expected, found) = (Losses("one"), Losses("both"));
        Assert.Equal(6, expected.Count);
        Assert.All(expected.Zip(found), l => Assert.Equal(l.First, l.Second, 1e-5 * l.First));
        Assert.InRange(Difference(Weights("one"), Weights("both")), 0, 1e-4);
    }

    public void Dispose() => _fixture?.Dispose();

    static TrainFixture Pack(TrainOptions options, bool specialTokens)
    {
        var fixture = new TrainFixture(1, specialTokens);
        var manifest = new PackedManifest
        {
            DataDigest = "synthetic",
            Seed = 5,
            VocabularySize = 405,
            QueryLength = 16,
            PassageLength = 64,
            QueryPrompt = "",
            PassagePrompt = "",
            SpecialTokens = specialTokens,
        };
        PackedTrainingSetWriter.Write(fixture.Folder("set"), fixture.Set, [new ShardSummary(0, 600)], fixture.Tokenizer, fixture.Dev, manifest);
        TrainOptionsFile.Write(Path.Combine(fixture.Folder("set"), "options.json"), options);
        return fixture;
    }

    List<double> Losses(string name) => [.. TrainingLog.Read(FileSet.FromFolder(_fixture!.Folder($"{name}-output"))).Points.Where(p => p.Key == "train_loss").Select(p => p.Value)];

    RankProcesses.Rank[] Start(RankProcesses ranks, string name) =>
    [
        .. Enumerable.Range(0, ranks.WorldSize).Select(r => ranks.StartProgram(
            Path.Combine(AppContext.BaseDirectory, "trainer"), r, "train", "--set", _fixture!.Folder("set"), "--output", _fixture!.Folder($"{name}-output"), "--checkpoints", _fixture!.Folder($"{name}-saved"), "--threads", "1")),
    ];

    float[] Weights(string name)
    {
        using var reader = new SafetensorsReader(Path.Combine(_fixture!.Folder($"{name}-output"), "model.safetensors"));
        return [.. reader.Entries.SelectMany(e => reader.Floats(e.Name, e.Shape.ToArray()))];
    }

    static double Difference(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        return Math.Sqrt(expected.Zip(found, (e, f) => ((double)e - f) * ((double)e - f)).Sum() / expected.Sum(e => (double)e * e));
    }
}
