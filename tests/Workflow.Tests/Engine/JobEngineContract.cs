using Workflow.Engine;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Engine;

/// <summary>What every engine promises. Derive it and say how one is made.</summary>
public abstract class JobEngineContract : IDisposable
{
    static readonly TimeSpan Long = TimeSpan.FromDays(1000);

    private protected FakeClock Clock { get; } = new(new DateTimeOffset(2026, 3, 14, 1, 59, 26, 535, TimeSpan.Zero));

    private protected TestHome Home { get; } = new();

    private protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A new engine on the test's home and clock.</summary>
    private protected abstract IJobEngine Create();

    public void Dispose()
    {
        Home.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Enqueue_RingsNow()
    {
        await using var engine = await StartedAsync();
        var waiting = engine.WaitAsync(Long, Cancellation);
        await engine.EnqueueAsync("run-1", Cancellation);
        Assert.Equal(new EngineRing(RingKind.Run, "run-1"), await waiting);
    }

    [Fact]
    public async Task Cancel_RingsNow_AndIsToldFromARunAndAnAlarmOfTheSameKey()
    {
        await using var engine = await StartedAsync();
        await engine.CancelAsync("x", Cancellation);
        await engine.EnqueueAsync("x", Cancellation);
        await engine.ScheduleAsync("x", Clock.GetUtcNow(), Cancellation);
        Assert.Equal([new(RingKind.Run, "x"), new(RingKind.Cancel, "x"), new(RingKind.Alarm, "x")], await TakeAsync(engine, 3));
    }

    [Fact]
    public async Task Wait_ReturnsNull_WhenNothingRingsInTime()
    {
        await using var engine = await StartedAsync();
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
        var waiting = engine.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(await waiting);
    }

    [Fact]
    public async Task Wait_Throws_WhenCancelled_AndLosesNothing()
    {
        await using var engine = await StartedAsync();
        using var stop = new CancellationTokenSource();
        var waiting = engine.WaitAsync(Long, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        await engine.EnqueueAsync("run-1", Cancellation);
        Assert.Equal([new(RingKind.Run, "run-1")], await TakeAsync(engine, 1));
    }

    [Fact]
    public async Task Schedule_RingsAtItsTime_NotBefore()
    {
        await using var engine = await StartedAsync();
        await engine.ScheduleAsync("nightly", Clock.GetUtcNow() + TimeSpan.FromHours(1), Cancellation);
        Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
        var waiting = engine.WaitAsync(Long, Cancellation);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(new EngineRing(RingKind.Alarm, "nightly"), await waiting);
        Assert.Empty(await engine.ScheduledAsync(Cancellation));
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task Schedule_RingsAtOnce_WhenItsTimeHasPassed()
    {
        await using var engine = await StartedAsync();
        await engine.ScheduleAsync("late", Clock.GetUtcNow() - TimeSpan.FromDays(400), Cancellation);
        Assert.Equal([new(RingKind.Alarm, "late")], await TakeAsync(engine, 1));
        Assert.Empty(await engine.ScheduledAsync(Cancellation));
    }

    [Fact]
    public async Task Schedule_ReplacesTheEarlierAlarm()
    {
        await using var engine = await StartedAsync();
        await engine.ScheduleAsync("nightly", Clock.GetUtcNow() + TimeSpan.FromHours(1), Cancellation);
        await engine.ScheduleAsync("nightly", Clock.GetUtcNow() + TimeSpan.FromHours(2), Cancellation);
        Assert.Equal([new EngineAlarm("nightly", Clock.GetUtcNow() + TimeSpan.FromHours(2))], await engine.ScheduledAsync(Cancellation));
        Clock.Advance(TimeSpan.FromMinutes(90));
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
        var waiting = engine.WaitAsync(Long, Cancellation);
        Clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Equal(new EngineRing(RingKind.Alarm, "nightly"), await waiting);
        await engine.ScheduleAsync("nightly", Clock.GetUtcNow() + TimeSpan.FromHours(2), Cancellation);
        await engine.ScheduleAsync("nightly", Clock.GetUtcNow() - TimeSpan.FromHours(2), Cancellation);
        Assert.Equal([new(RingKind.Alarm, "nightly")], await TakeAsync(engine, 1));
        Assert.Empty(await engine.ScheduledAsync(Cancellation));
    }

    [Fact]
    public async Task Unschedule_ForgetsTheAlarm()
    {
        await using var engine = await StartedAsync();
        await engine.UnscheduleAsync("never set", Cancellation);
        await engine.ScheduleAsync("weekly", Clock.GetUtcNow() + TimeSpan.FromHours(1), Cancellation);
        await engine.ScheduleAsync("nightly", Clock.GetUtcNow() + TimeSpan.FromHours(2), Cancellation);
        await engine.UnscheduleAsync("weekly", Cancellation);
        Assert.Equal(["nightly"], (await engine.ScheduledAsync(Cancellation)).Select(a => a.Key));
        var waiting = engine.WaitAsync(Long, Cancellation);
        Clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal("nightly", (await waiting)?.Key);
    }

    [Fact]
    public async Task Redeclare_SetsExactlyWhatItIsTold_HoweverOften()
    {
        await using var engine = await StartedAsync();
        var now = Clock.GetUtcNow();
        await engine.ScheduleAsync("old", now + TimeSpan.FromHours(1), Cancellation);
        await engine.ScheduleAsync("kept", now + TimeSpan.FromHours(2), Cancellation);
        await engine.ScheduleAsync("moved", now + TimeSpan.FromHours(3), Cancellation);
        EngineAlarm[] wanted = [new("kept", now + TimeSpan.FromHours(2)), new("new", now + TimeSpan.FromHours(4)), new("moved", now + TimeSpan.FromHours(5))];
        for (var i = 0; i < 3; i++)
        {
            await engine.RedeclareAsync(wanted, ["run-1", "run-2"], Cancellation);
            Assert.Equal(wanted, await engine.ScheduledAsync(Cancellation));
        }

        Assert.Equal([new(RingKind.Run, "run-1"), new(RingKind.Run, "run-2")], await TakeAsync(engine, 2));
        await engine.RedeclareAsync([], [], Cancellation);
        Assert.Empty(await engine.ScheduledAsync(Cancellation));
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
    }

    [Fact]
    public async Task Redeclare_RingsAlarmsThatAreOverdue()
    {
        await using var engine = await StartedAsync();
        await engine.RedeclareAsync([new("a", Clock.GetUtcNow() - TimeSpan.FromDays(3)), new("b", Clock.GetUtcNow() + TimeSpan.FromDays(3))], [], Cancellation);
        Assert.Equal([new(RingKind.Alarm, "a")], await TakeAsync(engine, 1));
        Assert.Equal(["b"], (await engine.ScheduledAsync(Cancellation)).Select(a => a.Key));
    }

    [Fact]
    public async Task Rings_PutBeforeTheStart_ComeAfterIt()
    {
        await using var engine = Create();
        await engine.EnqueueAsync("run-1", Cancellation);
        await engine.StartAsync(Cancellation);
        Assert.Equal([new(RingKind.Run, "run-1")], await TakeAsync(engine, 1));
    }

    [Fact]
    public async Task Rings_PutWhileItStarts_Come()
    {
        await using var engine = Create();
        var starting = Task.Run(() => engine.StartAsync(Cancellation), Cancellation);
        var putting = Enumerable.Range(0, 100).Select(i => Task.Run(() => engine.EnqueueAsync($"run-{i:d2}", Cancellation), Cancellation)).ToList();
        await starting;
        await Task.WhenAll(putting);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => new EngineRing(RingKind.Run, $"run-{i:d2}")), await TakeAsync(engine, 100));
    }

    [Fact]
    public async Task Rings_OfOneKeyThatNobodyTook_AreOneRing()
    {
        await using var engine = await StartedAsync();
        for (var i = 0; i < 1000; i++)
        {
            await engine.EnqueueAsync("a", Cancellation);
            await engine.EnqueueAsync("b", Cancellation);
        }

        Assert.Equal([new(RingKind.Run, "a"), new(RingKind.Run, "b")], await TakeAsync(engine, 2));
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
        await engine.EnqueueAsync("a", Cancellation);
        Assert.Equal([new(RingKind.Run, "a")], await TakeAsync(engine, 1));
    }

    [Fact]
    public async Task ManyRings_FromManyThreads_AllCome()
    {
        await using var engine = await StartedAsync();
        var expected = Enumerable.Range(0, 10_000).Select(i => $"run-{i:d4}").ToList();
        var putting = Task.Run(() => Parallel.ForEachAsync(expected, Cancellation, async (run, stop) => await engine.EnqueueAsync(run, stop)), Cancellation);
        var taken = await TakeAsync(engine, expected.Count);
        await putting;
        Assert.Equal(expected, taken.Select(r => r.Key));
    }

    [Fact]
    public async Task ManyAlarms_AllRing()
    {
        await using var engine = await StartedAsync();
        var alarms = Enumerable.Range(0, 200).Select(i => new EngineAlarm($"alarm-{i:d3}", Clock.GetUtcNow() + TimeSpan.FromMinutes(1 + (i % 7)))).ToList();
        await engine.RedeclareAsync(alarms, [], Cancellation);
        Assert.Equal(200, (await engine.ScheduledAsync(Cancellation)).Count);
        var taking = TakeAsync(engine, 200);
        Clock.Advance(TimeSpan.FromMinutes(8));
        Assert.Equal(alarms.Select(a => a.Key), (await taking).Select(r => r.Key));
        Assert.Empty(await engine.ScheduledAsync(Cancellation));
    }

    public static TheoryData<string> OddKeys => new("it's \"quoted\"; DROP TABLE QRTZ_TRIGGERS;--", "a/b\\c..%2f?*[x]{y}", " leading and trailing ", "line\nbreak\ttab", "naïve Ünïcödé 世界 🔔", new string('k', 2000), "A", "NULL");

    [Theory]
    [MemberData(nameof(OddKeys))]
    public async Task Keys_AreKeptAsTheyAre(string key)
    {
        await using var engine = await StartedAsync();
        var due = Clock.GetUtcNow() + TimeSpan.FromHours(1);
        await engine.ScheduleAsync(key, due, Cancellation);
        await engine.ScheduleAsync(key + "2", due, Cancellation);
        await engine.UnscheduleAsync(key + "2", Cancellation);
        await engine.EnqueueAsync(key, Cancellation);
        Assert.Equal([new EngineAlarm(key, due)], await engine.ScheduledAsync(Cancellation));
        Assert.Equal(new EngineRing(RingKind.Run, key), await engine.WaitAsync(Long, Cancellation));
        var waiting = engine.WaitAsync(Long, Cancellation);
        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal(new EngineRing(RingKind.Alarm, key), await waiting);
    }

    [Fact]
    public async Task Keys_DifferByCase_AndMayNotBeEmpty()
    {
        await using var engine = await StartedAsync();
        var due = Clock.GetUtcNow() + TimeSpan.FromHours(1);
        await engine.ScheduleAsync("a", due, Cancellation);
        await engine.ScheduleAsync("A", due, Cancellation);
        Assert.Equal(["A", "a"], (await engine.ScheduledAsync(Cancellation)).Select(a => a.Key));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.ScheduleAsync("", due, Cancellation));
        await Assert.ThrowsAsync<ArgumentException>(() => engine.EnqueueAsync("", Cancellation));
    }

    [Fact]
    public async Task Alive_SaysWho_FromStartToEnd()
    {
        var engine = Create();
        Assert.Empty(await engine.AliveAsync(Cancellation));
        await engine.StartAsync(Cancellation);
        var self = Assert.Single(await engine.AliveAsync(Cancellation));
        Assert.Equal((ProcessIdentity.Current.Host, ProcessIdentity.Current.Pid, Clock.GetUtcNow()), (self.Host, self.Pid, self.Since));
        Assert.NotEmpty(self.Id);
        await engine.DisposeAsync();
        Assert.Empty(await engine.AliveAsync(Cancellation));
    }

    [Fact]
    public async Task Dispose_EndsAWait_AndMayBeRepeated()
    {
        var engine = await StartedAsync();
        var waiting = engine.WaitAsync(Long, Cancellation);
        await engine.DisposeAsync();
        Assert.Null(await waiting);
        Assert.Null(await engine.WaitAsync(Long, Cancellation));
        await engine.DisposeAsync();
    }

    [Fact]
    public async Task Alarm_IsNoticed_WhenTheWallClockJumps()
    {
        await using var engine = await StartedAsync();
        await engine.ScheduleAsync("nightly", Clock.GetUtcNow() + TimeSpan.FromHours(24), Cancellation);
        Clock.Jump(TimeSpan.FromHours(-24));
        var waiting = engine.WaitAsync(Long, Cancellation);
        Clock.Advance(TimeSpan.FromHours(1));
        Clock.Jump(TimeSpan.FromHours(48));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("nightly", (await waiting)?.Key);
        Assert.Null(await engine.WaitAsync(TimeSpan.Zero, Cancellation));
    }

    private protected async Task<IJobEngine> StartedAsync()
    {
        var engine = Create();
        await engine.StartAsync(Cancellation);
        return engine;
    }

    /// <summary>Takes so many rings; in an order of their own, as a doorbell promises none.</summary>
    private protected static async Task<List<EngineRing>> TakeAsync(IJobEngine engine, int count)
    {
        var rings = new List<EngineRing>();
        while (rings.Count < count)
        {
            rings.Add((await engine.WaitAsync(Long, Cancellation))!.Value);
        }

        return [.. rings.OrderBy(r => r.Key, StringComparer.Ordinal).ThenBy(r => r.Kind)];
    }
}
