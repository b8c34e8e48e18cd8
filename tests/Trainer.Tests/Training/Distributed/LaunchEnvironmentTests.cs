using Trainer.Training.Distributed;

namespace Trainer.Tests.Training.Distributed;

public sealed class LaunchEnvironmentTests
{
    static readonly Dictionary<string, string?> Whole = new() { ["RANK"] = "3", ["WORLD_SIZE"] = "8", ["LOCAL_RANK"] = "1", ["MASTER_ADDR"] = "node0", ["MASTER_PORT"] = "29500" };

    [Fact]
    public void Read_TakesTorchrunsVariables()
    {
        Assert.Equal(new LaunchEnvironment(3, 8, 1, "node0", 29500), Read(Whole));
        var torchrun = Read(new(Whole) { ["TORCHELASTIC_USE_AGENT_STORE"] = "True", ["TORCHELASTIC_RESTART_COUNT"] = "2" });
        Assert.Equal(new LaunchEnvironment(3, 8, 1, "node0", 29500) { RankZeroServes = false, Prefix = "/worker/attempt_2" }, torchrun);
    }

    [Fact]
    public void Read_IsOneProcess_WithoutThem()
    {
        Assert.Null(Read([]));
        Assert.Null(Read(new() { ["MASTER_ADDR"] = "node0", ["MASTER_PORT"] = "29500" }));
        Assert.Null(Read(new() { ["RANK"] = "", ["WORLD_SIZE"] = "" }));
        Assert.Same(DistributedContext.Single, DistributedContext.Join(null, "cpu"));
        Assert.Equal((0, 1, true, false), (DistributedContext.Single.Rank, DistributedContext.Single.WorldSize, DistributedContext.Single.IsFirst, DistributedContext.Single.IsShared));
    }

    [Theory]
    [InlineData("MASTER_PORT", null, "MASTER_PORT is not set")]
    [InlineData("RANK", null, "RANK is not set")]
    [InlineData("LOCAL_RANK", null, "LOCAL_RANK is not set")]
    [InlineData("RANK", "8", "RANK is '8', expected a number from 0 to 7")]
    [InlineData("WORLD_SIZE", "two", "WORLD_SIZE is 'two', expected a number from 1 to 1048576")]
    [InlineData("MASTER_PORT", "70000", "MASTER_PORT is '70000', expected a number from 1 to 65535")]
    public void Read_SaysWhatIsWrong(string name, string? value, string fault)
    {
        var error = Assert.Throws<TrainerException>(() => Read(new(Whole) { [name] = value }));
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
        Assert.Contains("Expected all of RANK, WORLD_SIZE, LOCAL_RANK, MASTER_ADDR, MASTER_PORT", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ListsEveryFaultAtOnce()
    {
        var error = Assert.Throws<TrainerException>(() => Read(new() { ["RANK"] = "-1", ["MASTER_ADDR"] = "node0" }));
        Assert.Contains("(RANK=-1, MASTER_ADDR=node0), but WORLD_SIZE, MASTER_PORT are not set", error.Message, StringComparison.Ordinal);
        Assert.Contains("RANK is '-1'", error.Message, StringComparison.Ordinal);
        Assert.Contains("LOCAL_RANK is not set", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_AreCheckedBeforeAnythingIsJoined()
    {
        var error = Assert.Throws<TrainerException>(() => DistributedContext.Join(null, "cpu", new DistributedOptions { TimeoutSeconds = 0 }));
        Assert.Equal("distributed.timeout_seconds is 0; expected 1 to 86400.", error.Message);
    }

    static LaunchEnvironment? Read(Dictionary<string, string?> variables) => LaunchEnvironment.Read(variables.GetValueOrDefault);
}
