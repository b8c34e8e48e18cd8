using DataPrep.Shards;
using Trainer.Checkpoints;
using Trainer.Tests.Torch;
using Trainer.Training;
using Trainer.Training.Caching;

namespace Trainer.Tests.Training.Distributed;

/// <summary>The trainer's own program as two ranks: its model is that of one process, and what a killed rank leaves is gone on from by one.</summary>
[Collection(TorchCollection.Name)]
public sealed class DistributedTrainerTests : IDisposable
{
    static readonly TrainOptions Options = TrainFixture.Options with { QueryLength = 16, PassageLength = 64, Epochs = 12, EvalEvery = 20, Negatives = 2, GradientCache = new GradientCacheOptions { MiniBatch = 48 } };

    readonly TrainFixture _fixture;
    readonly string _set;

    public DistributedTrainerTests()
    {
        PythonTorch.RequireTorch();
        _fixture = new TrainFixture(1);
        _set = _fixture.Folder("set");
        var manifest = new PackedManifest
        {
            DataDigest = "synthetic",
            Seed = 5,
            VocabularySize = 405,
            QueryLength = 16,
            PassageLength = 64,
            QueryPrompt = "",
            PassagePrompt = "",
            SpecialTokens = false,
        };
        PackedTrainingSetWriter.Write(_set, _fixture.Set, [new ShardSummary(0, 600)], _fixture.Tokenizer, _fixture.Dev, manifest);
        TrainOptionsFile.Write(Path.Combine(_set, "options.json"), Options);
    }

    [Fact]
    public async Task TwoRanks_TrainTheModelOfOne_WhichAlsoFinishesWhatAKilledRankLeft()
    {
        using var observer = new TrainFixture.Observer();
        var one = TrainLoop.Run(_fixture.Inputs("own"), Options, observer, TestContext.Current.CancellationToken);
        var expected = Weights("own");

        using var ranks = new RankProcesses(2);
        var both = Start(ranks, "both");
        Assert.All(both, r => Assert.True(r.Exit() == 0, r.Error));
        Assert.Contains($"steps {one.Steps}, ", both[0].Output, StringComparison.Ordinal);
        Assert.Equal(both[0].Output, both[1].Output);
        Assert.InRange(Difference(expected, Weights("both")), 0, 1e-5);

        using var again = new RankProcesses(2);
        var killed = Start(again, "killed");
        await killed[0].Printed($"checkpoint of step 4 in {_fixture.Folder("killed-saved")}/checkpoint-00000004");
        killed[1].Kill();
        Assert.Equal(1, killed[0].Exit());
        Assert.Contains("rank 1 was lost", killed[0].Error, StringComparison.Ordinal);

        Directory.Delete(_fixture.Folder("killed-output"), recursive: true);
        using var alone = new RankProcesses(1);
        var resumed = Start(alone, "killed")[0];
        Assert.True(resumed.Exit() == 0, resumed.Error);
        Assert.Contains("Resumed from the checkpoint of step", resumed.Error, StringComparison.Ordinal);
        Assert.InRange(Difference(expected, Weights("killed")), 0, 1e-5);
    }

    public void Dispose() => _fixture.Dispose();

    RankProcesses.Rank[] Start(RankProcesses ranks, string name) =>
    [
        .. Enumerable.Range(0, ranks.WorldSize).Select(r => ranks.StartProgram(
            Path.Combine(AppContext.BaseDirectory, "trainer"), r, "train", "--set", _set, "--output", _fixture.Folder($"{name}-output"), "--checkpoints", _fixture.Folder($"{name}-saved"), "--threads", "1")),
    ];

    float[] Weights(string name)
    {
        using var reader = new SafetensorsReader(Path.Combine(_fixture.Folder($"{name}-output"), "model.safetensors"));
        return [.. reader.Entries.SelectMany(e => reader.Floats(e.Name, e.Shape.ToArray()))];
    }

    static double Difference(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        return Math.Sqrt(expected.Zip(found, (e, f) => ((double)e - f) * ((double)e - f)).Sum() / expected.Sum(e => (double)e * e));
    }
}
