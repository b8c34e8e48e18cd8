using DataPrep;
using Workflow.Cli;
using Xunit;

namespace Workflow.Tests.Cli;

public sealed class RunObserverTests : IDisposable
{
    readonly ManualTime time = new();
    readonly StringWriter output = new();

    public void Dispose() => output.Dispose();

    [Fact]
    public void Plain_WritesStartAndEndAndAtMostOneLineInTenSeconds()
    {
        var observer = new PlainObserver(time, output);
        observer.RunStarted("r1", "tiny", 3);
        observer.NodeReused("documents", "r0");
        observer.AttemptStarted("train", 2, 200);
        for (var i = 0; i <= 12; i++)
        {
            observer.Progress("train", new StageProgress(200 + (i * 100), 2000, "steps", i == 0 ? "round 1" : null));
            time.Advance(1);
        }

        observer.NodeSucceeded("train", TimeSpan.FromSeconds(125));
        observer.RunEnded("r1", "succeeded");

        Assert.Equal(
            """
            Run r1: tiny, 3 nodes
            documents: reused
            train: started, attempt 2, from step 200
            train [############--------] 60% 1,200/2,000 steps, 100/s, 8.0s left: round 1
            train: done in 2m 05s
            Run r1: succeeded

            """,
            output.ToString());
    }

    [Fact]
    public void Plain_SpeaksOfPartitionsAsOneStage()
    {
        var observer = new PlainObserver(time, output);
        foreach (var key in (string[])["00000", "00001"])
        {
            observer.AttemptStarted($"mine/{key}", 1, null);
            observer.NodeSucceeded($"mine/{key}", TimeSpan.FromSeconds(1));
        }

        observer.AttemptStarted("mine", 1, null);
        observer.NodeSucceeded("mine", TimeSpan.FromSeconds(0.25));

        Assert.Equal("mine: started\nmine: done in 0.3s  [2 partitions done]\n", output.ToString());
    }

    [Fact]
    public void Plain_TellsAFailureWithItsNextTry()
    {
        var observer = new PlainObserver(time, output);
        observer.AttemptStarted("mine/00001", 1, null);
        observer.AttemptFailed("mine/00001", "crash", "exit code 139", TimeSpan.FromSeconds(2));
        observer.AttemptFailed("mine/00001", "cancelled", "", null);

        Assert.EndsWith("mine/00001: failed (crash; next try in 2.0s): exit code 139\nmine/00001: cancelled\n", output.ToString());
    }

    [Fact]
    public void Terminal_DrawsRunningNodesAgainInPlace()
    {
        var observer = new TerminalObserver(time, output, () => 40);
        time.Advance(1);
        observer.AttemptStarted("encode", 1, null);
        time.Advance(1);
        observer.Progress("encode", new StageProgress(50, 0, "documents", null));
        time.Advance(0.05);
        observer.Progress("encode", new StageProgress(60, 0, "documents", null));
        time.Advance(0.95);
        observer.Progress("encode", new StageProgress(1050, 0, "documents", "a message that is far too long for the width"));
        observer.NodeSucceeded("encode", TimeSpan.FromSeconds(3));
        observer.RunEnded("r1", "succeeded");

        Assert.Equal(
            "encode: started\nencode 0.0s\n"
            + "\x1b[1A\r\x1b[Jencode 50 documents\n"
            + "\x1b[1A\r\x1b[Jencode 1,050 documents, 1,000/s: a mess\n"
            + "\x1b[1A\r\x1b[Jencode: done in 3.0s\n"
            + "Run r1: succeeded\n",
            output.ToString());
    }

    [Theory]
    [InlineData(0.4, "0.4s")]
    [InlineData(59.4, "59s")]
    [InlineData(245, "4m 05s")]
    [InlineData(7380, "2h 03m")]
    public void Time_ReadsAsPeopleSayIt(double seconds, string expected) => Assert.Equal(expected, HumanText.Time(TimeSpan.FromSeconds(seconds)));
}
