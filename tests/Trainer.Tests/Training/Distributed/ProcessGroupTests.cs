using Trainer.Tests.Torch;

namespace Trainer.Tests.Training.Distributed;

/// <summary>Groups of real processes: operations beside Python's torch.distributed, and what the others say of a rank that dies, hangs, fails or never comes.</summary>
public sealed class ProcessGroupTests
{
    public ProcessGroupTests() => PythonTorch.RequireTorch();

    [Fact]
    public void Operations_EqualPythons_InOneGroupOfBoth()
    {
        using var python = new PythonTorch();
        using var ranks = new RankProcesses(3);
        // Python is rank 1, the root of the broadcast; the store is served by ours.
        var all = new[]
        {
            ranks.Start(0, "operations", ranks.Folder),
            ranks.Python(Path.Combine(AppContext.BaseDirectory, "Training", "Distributed", "collectives.py"), ranks.Folder, "1", "3", $"{ranks.Port}"),
            ranks.Start(2, "operations", ranks.Folder),
        };
        Assert.All(all, r => Assert.True(r.Exit() == 0, r.Error));

        foreach (var name in new[] { "sum", "max", "equal", "root", "rows" })
        {
            Assert.Equal(ranks.Floats(name, 1), ranks.Floats(name, 0));
            Assert.Equal(ranks.Floats(name, 1), ranks.Floats(name, 2));
        }

        Assert.Equal([.. Numbers(0, 4), .. Numbers(1, 8), .. Numbers(2, 12)], ranks.Floats("rows", 0));
        Assert.Equal(Numbers(1, 5), ranks.Floats("root", 2));
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => new[] { 0, 1, 2 }.Max(r => Number(r, i))), ranks.Floats("max", 0));
        Assert.All(ranks.Floats("sum", 0).Select((s, i) => (s, i)), p => Assert.Equal(Enumerable.Range(0, 3).Sum(r => (double)Number(r, p.i)), p.s, 1e-6 * Enumerable.Range(0, 3).Max(r => Math.Abs((double)Number(r, p.i))) + 1e-6));
    }

    [Fact]
    public void Torchrun_StartsOurRanks_InItsOwnStore()
    {
        using var python = new PythonTorch();
        using var ranks = new RankProcesses(2);
        // Without its defaults for redirects and tee, which Python 3.11 breaks in 1.13.
        var torchrun = ranks.Python("-m", "torch.distributed.run", "--no_python", "-r", "1", "-t", "1", "--log_dir", ranks.Folder, "--nproc_per_node", "2", "--master_addr", "127.0.0.1", "--master_port", $"{ranks.Port}", RankProcesses.Program, "unequal");
        Assert.True(torchrun.Exit() == 0, torchrun.Error);
        Assert.Equal(2, torchrun.Output.Split('\n').Count(l => l.EndsWith("]:sums 3 0.2", StringComparison.Ordinal)));
        Assert.Equal(2, torchrun.Output.Split('\n').Count(l => l.EndsWith("]:first of 0", StringComparison.Ordinal)));
        Assert.Equal(2, torchrun.Output.Split('\n').Count(l => l.EndsWith("]:all |x", StringComparison.Ordinal)));
        Assert.Equal(2, torchrun.Output.Split('\n').Count(l => l.EndsWith("]:flags True True False True", StringComparison.Ordinal)));
        Assert.Equal(2, torchrun.Output.Split('\n').Count(l => l.EndsWith("]:nothing 0x3 0x3", StringComparison.Ordinal)));
        Assert.Contains("refused all_gather of vectors: rank 0 has Float32 (1, 3), rank 1 Float32 (1, 4)", torchrun.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(0, 2)]
    public async Task KilledRank_EndsTheOthers_WhichNameItAndTheOperation(int victim, int worldSize)
    {
        using var ranks = new RankProcesses(worldSize);
        var all = ranks.StartAll("wait");
        await Task.WhenAll(all.Select(r => r.Printed("running")));
        all[victim].Kill();
        foreach (var (other, rank) in all.Select((o, r) => (o, r)).Where(o => o.r != victim))
        {
            Assert.Equal(1, other.Exit());
            Assert.Contains($"Rank {rank} of {worldSize} could not finish all_reduce of numbers without end: rank {victim} was lost", other.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task StoppedRank_EndsTheOthers_AtTheTimeout()
    {
        using var ranks = new RankProcesses(2);
        ranks.Environment["RANK_TIMEOUT"] = "2";
        var all = ranks.StartAll("wait");
        await Task.WhenAll(all.Select(r => r.Printed("running")));
        all[1].Stop();
        Assert.Equal(1, all[0].Exit());
        Assert.Contains("rank 1 was lost: no sign of life for 2 s", all[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Fault_OfOneRank_IsWhatTheOthersName()
    {
        using var ranks = new RankProcesses(2);
        var all = ranks.StartAll("fault");
        Assert.All(all, r => Assert.Equal(1, r.Exit()));
        Assert.Equal("The loss of step 3 is NaN.\n", all[1].Error);
        Assert.Contains("Rank 0 of 2 could not finish the wait for all ranks at the end of step 3: rank 1 ended: The loss of step 3 is NaN. ", all[0].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_NamesTheRanksThatDoNotCome()
    {
        using var ranks = new RankProcesses(3);
        ranks.Environment["RANK_JOIN"] = "1";
        var one = ranks.Start(0, "fault");
        Assert.Equal(1, one.Exit());
        Assert.Contains("Rank 0 waited 1 s at 127.0.0.1:", one.Error, StringComparison.Ordinal);
        Assert.Contains("for ranks 1, 2 of 3: were they started, with the same MASTER_ADDR", one.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Join_SaysWhereItLooked_WhenNobodyServesTheStore()
    {
        using var ranks = new RankProcesses(2);
        ranks.Environment["RANK_JOIN"] = "1";
        var one = ranks.Start(1, "fault");
        Assert.Equal(1, one.Exit());
        Assert.Contains($"No store of a process group answered at 127.0.0.1:{ranks.Port} (MASTER_ADDR, MASTER_PORT) within 1 s: does rank 0 run there?", one.Error, StringComparison.Ordinal);
    }

    static float[] Numbers(int rank, int count) => [.. Enumerable.Range(0, count).Select(i => Number(rank, i))];

    static float Number(int rank, int i) => (float)(Math.Sin((i * 0.37) + rank) * Math.Pow(10, (i + (3 * rank)) % 9));
}
