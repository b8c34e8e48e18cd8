using Workflow.Artifacts;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Artifacts;

public sealed class GarbageCollectorTests
{
    /// <summary>A worker stands between publish and commit while everything unreachable is collected: what it intends stays, and its commit is whole.</summary>
    [Theory]
    [InlineData("intent.after")]
    [InlineData("publish.after")]
    [InlineData("commit.before")]
    public async Task Collect_LeavesAlone_WhatAWorkerIsAboutToCommit(string point)
    {
        var cancellation = TestContext.Current.CancellationToken;
        var job = new FaultHost.FakeJob { Shape = "three" };
        var expected = await Undisturbed.OfAsync(job, cancellation);
        using var schedule = new Schedule(job);
        await using var worker = schedule.Start("worker", $"{point}:1:stop");
        Assert.True(await worker.StoppedAsync(cancellation), worker.Said);
        using (var ledger = LedgerDb.Open(schedule.Home.Ledger, TimeProvider.System))
        {
            var report = GarbageCollector.Collect(ledger, new ArtifactStore(schedule.Home), TimeSpan.FromDays(-1), TimeSpan.Zero, dryRun: false);
            Assert.Equal((0, 0, 0), (report.Deleted, report.Strays, report.Staging));
        }

        worker.Wake();
        Assert.Equal(0, await worker.ExitAsync(cancellation));
        Assert.Empty(await Oracle.AfterAsync(schedule.Home, expected, cancellation));
    }

    [Fact]
    public async Task Collect_RemovesWhatACrashLeft()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var job = new FaultHost.FakeJob { Shape = "three" };
        using var schedule = new Schedule(job with { Options = new FaultHost.FakeOptions { Random = true } });
        await using var worker = schedule.Start("go", "publish.after:1:kill");
        await worker.ExitAsync(cancellation);
        await using var second = schedule.Start("go", null);
        Assert.Equal(0, await second.ExitAsync(cancellation));
        using var ledger = LedgerDb.Open(schedule.Home.Ledger, TimeProvider.System);
        var store = new ArtifactStore(schedule.Home);

        // The dead attempt's three files and their manifests were published and never committed.
        Assert.Equal(6, Verifier.Verify(ledger, store, null, false, null, cancellation).Strays.Count);
        Assert.Equal(6, GarbageCollector.Collect(ledger, store, TimeSpan.FromDays(1), TimeSpan.Zero, dryRun: false).Strays);
        var report = Verifier.Verify(ledger, store, null, false, null, cancellation);
        Assert.True(report.Clean);
        Assert.Empty(report.Strays);
    }
}
