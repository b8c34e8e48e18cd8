using System.Collections.Concurrent;
using FaultHost;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Faults;

/// <summary>Real processes killed at every labelled point of the protocol, alone and in every ordered pair.</summary>
public sealed class ProtocolFaultTests
{
    static readonly FakeJob Three = new() { Shape = "three" };

    /// <summary>Every labelled point; those passed once per file also at a later file.</summary>
    static readonly string[] Points = [.. Chaos.Labels.Select(l => $"{l}:1"), "publish.before:4", "publish.after-rename:3"];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryPoint_LeavesNothingTornOrLost_WhenKilledThere()
    {
        var expected = await Undisturbed.OfAsync(Three, Cancellation);
        await AssertSoundAsync(Points.Select(p => new[] { p }), points => KillsAsync(Three, null, points, expected));
    }

    [Fact]
    public async Task EveryOrderedPair_LeavesNothingTornOrLost_WhenKilledThereAndAgainInRecovery()
    {
        var expected = await Undisturbed.OfAsync(Three, Cancellation);
        var first = Chaos.Labels.Select(l => $"{l}:1").ToList();
        var recovery = Chaos.RecoveryLabels.Select(l => $"{l}:1").ToList();

        // After the commit the successor has only recovery to do.
        await AssertSoundAsync(first.SelectMany(a => (a is "commit.after:1" or "views.after:1" ? recovery : [.. first, .. recovery]).Select(b => new[] { a, b })), points => KillsAsync(Three, null, points, expected));
    }

    [Fact]
    public async Task Checkpoint_IsWholeOrAbsent_WhenKilledAtAnyOfItsPoints()
    {
        using var corpus = new TestHome();
        var job = Corpus.Pipeline(corpus.Root);
        var expected = await Undisturbed.OfAsync(job, Cancellation);
        var points = Chaos.CheckpointLabels.SelectMany(l => new[] { $"{l}:1", $"{l}:3" }).Append("train.step:7").ToList();
        await AssertSoundAsync(points.Select(p => new[] { p }).Concat([["checkpoint.after:1", "checkpoint.inside:1"], ["checkpoint.published:2", "checkpoint.published:1"], ["train.step:4", "train.step:4"]]),
            p => KillsAsync(job, null, p, expected));
    }

    [Theory]
    [InlineData("commit-first", "commit.after:1")]
    [InlineData("commit-first", "publish.before:2")]
    [InlineData("write-in-place", "place.half:1")]
    public async Task Mutant_IsCaught_ByAKill(string mutant, string point)
    {
        var expected = await Undisturbed.OfAsync(Three, Cancellation);
        Assert.NotEmpty(await KillsAsync(Three, mutant, [point], expected));
    }

    static async Task<List<string>> KillsAsync(FakeJob job, string? mutant, IReadOnlyList<string> points, IReadOnlyDictionary<string, string> expected)
    {
        using var schedule = new Schedule(job, mutant);
        return await schedule.KillsAsync(points, expected, Cancellation);
    }

    static async Task AssertSoundAsync(IEnumerable<string[]> schedules, Func<string[], Task<List<string>>> run)
    {
        var violations = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(schedules, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(2, Environment.ProcessorCount), CancellationToken = Cancellation }, async (points, _) =>
        {
            foreach (var violation in await run(points))
            {
                violations.Add($"{string.Join(" then ", points)}: {violation}");
            }
        });
        Assert.Empty(violations);
    }
}
