using RankHost;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Training.Distributed;

/// <summary>One training by 1, 2 and 4 processes: the same loss, gradients and weights; the batch's layout; ranks that are killed, and how the training goes on.</summary>
[Collection(TorchCollection.Name)]
public sealed class DistributedTrainingTests
{
    public DistributedTrainingTests() => PythonTorch.RequireTorch();

    [Theory]
    [InlineData(2, "symmetric")]
    [InlineData(4, "matryoshka")]
    public void Ranks_HaveTheLossAndGradientsOfOneProcess_WithRaggedNegatives(int worldSize, string loss)
    {
        using var ranks = new RankProcesses(worldSize);
        var all = ranks.StartAll("train", ranks.Folder, loss, "1", "3", "");
        Assert.All(all, r => Assert.True(r.Exit() == 0, r.Error));
        var (value, gradients) = OneGraph(TinyTraining.Loss(loss));
        for (var rank = 0; rank < worldSize; rank++)
        {
            Assert.Equal(value, Losses(all[rank])[0], 1e-6 * value);
            Assert.InRange(Difference(gradients, ranks.Floats("gradients", rank)), 0, 1e-6);
        }
    }

    [Fact]
    public void EveryLoss_HasTheGradientsOfOneProcess_AndEachCandidateStaysInItsPlace_ST3453()
    {
        using var ranks = new RankProcesses(3);
        var all = ranks.StartAll("embeddings");
        Assert.All(all, r => Assert.True(r.Exit() == 0, r.Error));
        foreach (var rank in all)
        {
            // With two negatives per row: nothing is said of places where nothing is out of place.
            var lines = rank.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal("placed", lines[0]);
            var losses = lines[1..^1].Select(l => l.Split(' ')).ToList();
            Assert.Equal(LossTable.Kinds.Select(k => $"{k}"), losses.Select(l => l[0]));
            Assert.All(losses, l => Assert.All(l[1..], d => Assert.InRange(double.Parse(d, System.Globalization.CultureInfo.InvariantCulture), 0, 1e-6)));
            Assert.StartsWith($"refused Rank {(rank == all[1] ? 1 : rank == all[0] ? 0 : 2)} has a batch of 7 rows and {(rank == all[1] ? 8 : 7)} candidates, rank ", lines[^1], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task KilledRank_EndsTheTraining_WhichGoesOnWithAnyNumberOfRanks()
    {
        using var two = new RankProcesses(2);
        var saved = Directory.CreateDirectory(Path.Combine(two.Folder, "saved")).FullName;
        var killed = two.StartAll("train", two.Folder, "symmetric", "100000", "3", saved);
        await Task.WhenAll(killed[0].Printed("step 3"), killed[1].Printed("step 3"));
        killed[1].Kill();
        Assert.Equal(1, killed[0].Exit());
        Assert.Matches("Rank 0 of 2 could not finish all_(reduce|gather) of [a-z' ()0-9]+: rank 1 was lost: no sign of life", killed[0].Error);

        var at = int.Parse(Directory.GetDirectories(saved, "checkpoint-????????").Max()![^8..], System.Globalization.CultureInfo.InvariantCulture);
        var steps = $"{at + 3}";
        using var one = new RankProcesses(1);
        Finish(one, steps, "");
        var expected = one.Floats("weights", 0);

        foreach (var worldSize in new[] { 1, 2, 4 })
        {
            using var ranks = new RankProcesses(worldSize);
            var own = Directory.CreateDirectory(Path.Combine(ranks.Folder, "saved")).FullName;
            CopyNewest(saved, own);
            var resumed = Finish(ranks, steps, own);
            Assert.All(resumed, r => Assert.Contains($"Resumed from the checkpoint of step {at} (", r.Output, StringComparison.Ordinal));
            Assert.All(resumed, r => Assert.Equal(3, Losses(r).Length));
            // AdamW divides by the root of the squares: where a gradient is next to nothing, so is what its rounding is divided by.
            Assert.InRange(Difference(expected, ranks.Floats("weights", worldSize - 1)), 0, 1e-5);
            if (worldSize == 2)
            {
                using var undisturbed = new RankProcesses(2);
                Finish(undisturbed, steps, "");
                Assert.Equal(undisturbed.Floats("weights", 0), ranks.Floats("weights", 1));
            }
        }

        static IReadOnlyList<RankProcesses.Rank> Finish(RankProcesses ranks, string steps, string checkpoints)
        {
            var all = ranks.StartAll("train", ranks.Folder, "symmetric", steps, "3", checkpoints);
            Assert.All(all, r => Assert.True(r.Exit() == 0, r.Error));
            return all;
        }
    }

    [Fact]
    public void Resume_IsRefused_WhereARankDoesNotSeeTheCheckpoint()
    {
        using var ranks = new RankProcesses(2);
        var (saved, empty) = (Directory.CreateDirectory(Path.Combine(ranks.Folder, "saved")).FullName, Directory.CreateDirectory(Path.Combine(ranks.Folder, "empty")).FullName);
        using (var one = new RankProcesses(1))
        {
            Assert.Equal(0, one.Start(0, "train", one.Folder, "symmetric", "1", "3", saved).Exit());
        }

        var first = ranks.Start(0, "train", ranks.Folder, "symmetric", "2", "3", saved);
        var second = ranks.Start(1, "train", ranks.Folder, "symmetric", "2", "3", empty);
        Assert.Equal((1, 1), (first.Exit(), second.Exit()));
        Assert.Contains("Rank 1 does not see the checkpoint that rank 0 goes on from", second.Error, StringComparison.Ordinal);
        Assert.Contains("rank 1 ended: Rank 1 does not see the checkpoint", first.Error, StringComparison.Ordinal);
    }

    static void CopyNewest(string from, string to)
    {
        var newest = Directory.GetDirectories(from, "checkpoint-????????").Max()!;
        var copy = Directory.CreateDirectory(Path.Combine(to, Path.GetFileName(newest))).FullName;
        foreach (var file in Directory.GetFiles(newest))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
    }

    // One graph through encoder and loss, without any of what the ranks do.
    static (double Loss, float[] Gradients) OneGraph(ILoss loss)
    {
        using var scope = NewDisposeScope();
        using var training = new TinyTraining();
        set_num_threads(1);
        training.Encoder.Training = true;
        var batch = TinyTraining.Batch(0);
        var (queries, passages) = training.Encoder.Forward(batch.Queries, batch.Passages);
        var value = loss.Compute(TinyTraining.Known(batch) with { Queries = new HeadOutputs { Dense = queries }, Passages = new HeadOutputs { Dense = passages } }).Total;
        value.backward();
        return (value.ToDouble(), [.. training.Encoder.Parameters.SelectMany(p => p.Value.grad!.data<float>().ToArray())]);
    }

    static double[] Losses(RankProcesses.Rank rank) =>
        [.. rank.Output.Split('\n').Where(l => l.StartsWith("loss ", StringComparison.Ordinal)).Select(l => double.Parse(l.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture))];

    // Length of the difference against the length of what is expected.
    static double Difference(float[] expected, float[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        return Math.Sqrt(expected.Zip(found, (e, f) => ((double)e - f) * ((double)e - f)).Sum() / expected.Sum(e => (double)e * e));
    }
}
