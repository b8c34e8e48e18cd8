using Workflow.Engine;
using Xunit;

namespace Workflow.Tests.Engine;

public sealed class InlineEngineTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Wait_ReturnsWhatRang()
    {
        await using var engine = new InlineEngine(TimeProvider.System);
        var waiting = engine.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);
        await engine.RingAsync("run-1", Cancellation);
        Assert.Equal("run-1", await waiting);
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task Schedule_RingsOnce_AndTheLaterCallReplacesTheEarlier()
    {
        await using var engine = new InlineEngine(TimeProvider.System);
        await engine.ScheduleAsync("nightly", TimeProvider.System.GetUtcNow().AddDays(1), Cancellation);
        await engine.ScheduleAsync("nightly", TimeProvider.System.GetUtcNow(), Cancellation);
        Assert.Equal("nightly", await engine.WaitAsync(TimeSpan.FromMinutes(1), Cancellation));
        await engine.ScheduleAsync("weekly", TimeProvider.System.GetUtcNow().AddDays(1), Cancellation);
        await engine.UnscheduleAsync("weekly", Cancellation);
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task Dispose_EndsIt()
    {
        var engine = new InlineEngine(TimeProvider.System);
        Assert.True(engine.Alive);
        await engine.DisposeAsync();
        Assert.False(engine.Alive);
    }
}
