using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>One run per nominal time, whoever looks how often; overlap, pauses, declarations, data sets.</summary>
public sealed class KeeperTests
{
    [Fact]
    public async Task FireTime_MakesOneRun_WhenRungTenTimesAtOnce_ByTenProcesses()
    {
        using var home = new ScheduledHome("2026-03-01T11:59:59");
        home.Declare("tick: { cron: '0 * * * *', overlap: allow }");
        home.Set("2026-03-01T12:00:00");
        var ledgers = Enumerable.Range(0, 10).Select(_ => LedgerDb.Open(home.File, home.Time)).ToList();
        var looks = await Task.WhenAll(ledgers.Select(l => home.Keeper(l).LookAsync(TestContext.Current.CancellationToken)));
        ledgers.ForEach(l => l.Dispose());
        Assert.Single(looks.SelectMany(l => l));
        Assert.Equal("1", await home.SqlAsync("SELECT COUNT(*) FROM run"));
        Assert.Equal("fired 1", await home.OutcomesAsync());
    }

    [Fact]
    public async Task Run_TickAndCursor_AreOneTransaction()
    {
        using var home = new ScheduledHome("2026-03-01T11:59:59");
        home.Declare("tick: { cron: '0 * * * *' }");
        home.Set("2026-03-01T12:00:00");

        // The event is the last thing a new run writes: a fault there is a fault within the transaction.
        home.Ledger.Write(db => db.Script("CREATE TRIGGER broken BEFORE INSERT ON event BEGIN SELECT RAISE(ABORT, 'pulled the plug'); END"));
        await Assert.ThrowsAnyAsync<Exception>(() => home.Keeper().LookAsync(TestContext.Current.CancellationToken));
        Assert.Equal("0|0|0", await home.SqlAsync("SELECT (SELECT COUNT(*) FROM run) || '|' || (SELECT COUNT(*) FROM schedule_tick) || '|' || (SELECT cursor_us >= next_us FROM schedule)"));
        home.Ledger.Write(db => db.Script("DROP TRIGGER broken"));
        var run = Assert.Single(await home.LookAsync());
        Assert.Equal($"{run}|queued|fired|1", await home.SqlAsync("SELECT run_id || '|' || state || '|' || outcome || '|' || (cursor_us = nominal_us) FROM run JOIN schedule_tick USING(run_id) JOIN schedule s ON s.schedule_key=run.schedule_key"));
    }

    [Fact]
    public async Task Run_KnowsItsScheduleItsTimesAndItsPriority()
    {
        using var home = new ScheduledHome("2026-03-28T12:00:00");
        home.Declare("nightly: { cron: '30 2 * * *', zone: Europe/Berlin, priority: 7 }");
        home.Set("2026-03-29T01:00:10");
        await home.LookAsync();
        Assert.Equal("sample/nightly|sample/nightly|2026-03-29 01:00:00|2026-03-30 00:30:00|7|cron", await home.SqlAsync(
            "SELECT schedule_key || '|' || requested_by || '|' || datetime(nominal_start_us/1000000,'unixepoch') || '|' || datetime(nominal_end_us/1000000,'unixepoch') || '|' || priority || '|' || trigger_kind FROM run"));
        Assert.Equal("ready 1, waiting 1", (await home.SqlAsync("SELECT state || ' ' || COUNT(*) FROM node GROUP BY state ORDER BY state")).Replace("\n", ", "));
    }

    [Theory]
    [InlineData("skip", "fired 1, skipped-overlap 2", 1, 0)]
    [InlineData("allow", "fired 3", 3, 0)]
    [InlineData("cancel-previous", "fired 3", 3, 2)]
    [InlineData("queue-one", "fired 1, queued 1, skipped-overlap 1", 1, 0)]
    public async Task Overlap_FollowsItsPolicy_WhileARunHasNotEnded(string overlap, string outcomes, int runs, int cancelled)
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare($"tick: {{ cron: '0 * * * *', overlap: {overlap} }}");
        foreach (var hour in new[] { 11, 12, 13 })
        {
            home.Set($"2026-03-01T{hour}:00:05");
            await home.LookAsync();
        }

        Assert.Equal(outcomes, await home.OutcomesAsync());
        Assert.Equal($"{runs}|{cancelled}", await home.SqlAsync("SELECT COUNT(*) || '|' || SUM(state='cancelled') FROM run"));
        Assert.Equal("0", await home.SqlAsync("SELECT COUNT(*) FROM run WHERE state='cancelled' AND nominal_start_us=(SELECT MAX(nominal_start_us) FROM run)"));
    }

    [Fact]
    public async Task QueueOne_RunsTheWaitingFireTime_OnceTheRunBeforeHasEnded()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *', overlap: queue-one }");
        home.Set("2026-03-01T11:00:00");
        var first = Assert.Single(await home.LookAsync());
        home.Set("2026-03-01T12:00:00");
        Assert.Empty(await home.LookAsync());
        home.Set("2026-03-01T12:20:00");
        Assert.Empty(await home.LookAsync());
        home.End(first);
        var second = Assert.Single(await home.LookAsync());
        Assert.Empty(await home.LookAsync());
        Assert.Equal("2026-03-01 12:00:00|fired|waited for the run before it", await home.SqlAsync($"SELECT datetime(nominal_us/1000000,'unixepoch') || '|' || outcome || '|' || reason FROM schedule_tick WHERE run_id='{second}'"));
    }

    [Fact]
    public async Task Paused_ListsWhatCameDue_AndGoesOnFromTheResume()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *', misfire: all, overlap: allow }");
        home.Control.Pause("sample/tick", "ann", "disk is full");
        home.Set("2026-03-01T12:30:00");
        Assert.Empty(await home.LookAsync());
        home.Set("2026-03-01T14:30:00");
        home.Control.Resume("sample/tick", "bob", null);
        Assert.Empty(await home.LookAsync());
        home.Set("2026-03-01T15:00:01");
        Assert.Single(await home.LookAsync());
        Assert.Equal("fired 1, paused 4", await home.OutcomesAsync());
        Assert.Equal("disk is full", await home.SqlAsync("SELECT DISTINCT reason FROM schedule_tick WHERE outcome='paused'"));
        Assert.Equal("ann schedule.pause disk is full\nbob schedule.resume -", await home.SqlAsync("SELECT actor || ' ' || action || ' ' || COALESCE(reason, '-') FROM audit ORDER BY seq"));
        Assert.Throws<WorkflowException>(() => home.Control.Resume("sample/tick", "bob", null));
        Assert.Throws<WorkflowException>(() => home.Control.Pause("sample/tick", "bob", " "));
    }

    [Fact]
    public async Task PausedByItsFile_IsListedAsPaused_AndOnlyTheFileResumesIt()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *', paused: until the disks are here }");
        home.Set("2026-03-01T11:00:00");
        Assert.Empty(await home.LookAsync());
        Assert.Contains("its job file: until the disks are here", Assert.Throws<WorkflowException>(() => home.Control.Resume("sample/tick", "bob", null)).Message);
        Assert.Equal(["sample/tick"], home.Declare("tick: { cron: '0 * * * *' }").Changed);
        home.Set("2026-03-01T12:00:00");
        Assert.Single(await home.LookAsync());
        Assert.Equal("fired 1, paused 1", await home.OutcomesAsync());
    }

    [Fact]
    public async Task Declaring_TheSameAgain_ChangesNothing_AndAnotherCronStartsFromNow()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *' }");
        var before = await home.SqlAsync("SELECT * FROM schedule");
        home.Set("2026-03-01T12:30:00");
        Assert.Empty(home.Declare("tick: { cron: '0 * * * *' }").Changed);
        Assert.Equal(before, await home.SqlAsync("SELECT * FROM schedule"));

        Assert.Equal(["sample/tick"], home.Declare("tick: { cron: '0 * * * *', overlap: allow }").Changed);
        Assert.Equal("2026-03-01 11:00:00", await home.SqlAsync("SELECT datetime(next_us/1000000,'unixepoch') FROM schedule"));

        Assert.Equal(["sample/tick"], home.Declare("tick: { cron: '15 * * * *' }").Changed);
        Assert.Equal("2026-03-01 13:15:00", await home.SqlAsync("SELECT datetime(next_us/1000000,'unixepoch') FROM schedule"));
        Assert.Equal("missed 2", await home.OutcomesAsync());
        Assert.Equal("the schedule was changed before anybody looked", await home.SqlAsync("SELECT DISTINCT reason FROM schedule_tick"));
        Assert.Empty(await home.LookAsync());
    }

    [Fact]
    public async Task Declaring_WithdrawsWhatIsGone_KeepsWhatIsAtFault_AndRefusesAKeyTwice()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *' }\ntock: { cron: '30 * * * *' }");
        Assert.Equal(["sample/tock"], home.Declare("tick: { cron: '0 * * * *' }").Withdrawn);
        Assert.Contains("sample/tick is declared by", Assert.Single(home.Declare("tick: { cron: '1 * * * *' }", "other.yaml").Problems));
        File.Delete(Path.Combine(home.Jobs, "other.yaml"));

        var broken = home.Declare("tick: { cron: '0 99 * * *' }");
        Assert.Contains("hour (character 3): found '99'", Assert.Single(broken.Problems));
        Assert.Empty(broken.Withdrawn);
        home.Set("2026-03-01T11:00:00");
        Assert.Empty(await home.LookAsync());
        Assert.Contains("found '99'", await home.SqlAsync("SELECT reason FROM schedule_tick WHERE outcome='error'"));

        home.Write("tick: { cron: '0 * * * *' }");
        home.Set("2026-03-01T12:00:00");
        Assert.Single(await home.LookAsync());
        File.Delete(Path.Combine(home.Jobs, "job.yaml"));
        Assert.Equal(["sample/tick"], home.Declarations.DeclareChanged([home.Jobs])!.Withdrawn);
        Assert.Null(home.Declarations.DeclareChanged([home.Jobs]));
        home.Set("2026-03-01T13:00:00");
        Assert.Empty(await home.LookAsync());
        Assert.Equal("fired 1, error 1".Split(", ").Order(), (await home.OutcomesAsync()).Split(", ").Order());
    }

    [Fact]
    public async Task Jitter_DelaysTheRing_NotTheNominalTime_AndIsTheSameForAll()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *', jitter: 10m, overlap: allow }");
        var due = home.Keeper().NextDue()!.Value;
        Assert.InRange(due, DateTimeOffset.Parse("2026-03-01T11:00:00Z"), DateTimeOffset.Parse("2026-03-01T11:09:59Z"));
        Assert.Equal(due, home.Keeper().NextDue());
        home.Time.Advance((due - home.Now).TotalSeconds - 1);
        Assert.Empty(await home.LookAsync());
        home.Time.Advance(1);
        Assert.Single(await home.LookAsync());
        Assert.Equal("2026-03-01 11:00:00", await home.SqlAsync("SELECT datetime(nominal_start_us/1000000,'unixepoch') FROM run"));
        Assert.Equal(("sample/tick", 12), (home.Keeper().Alarms().Single().Key, home.Keeper().Alarms().Single().Due.Hour));
    }

    [Fact]
    public async Task FireTime_IsFoundAnew_WhenTheZonesRulesChangedSinceItWasWritten()
    {
        using var home = new ScheduledHome("2026-03-28T12:00:00");
        home.Declare("nightly: { cron: '0 5 * * *', zone: Europe/Berlin, misfire: skip }");

        // As data without this year's summer time would have had it: an hour late.
        home.Ledger.Write(db => db.Execute("UPDATE schedule SET next_us=next_us+3600000000, ring_us=ring_us+3600000000"));
        home.Set("2026-03-29T03:00:05");
        Assert.Single(await home.LookAsync());
        Assert.Equal("2026-03-29 03:00:00|2026-03-30 03:00:00", await home.SqlAsync("SELECT datetime(nominal_start_us/1000000,'unixepoch') || '|' || datetime(next_us/1000000,'unixepoch') FROM run JOIN schedule USING(schedule_key)"));
    }

    [Fact]
    public async Task StartAndEnd_BoundTheFireTimes()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *', start: '2026-03-01 13:00', end: 2026-03-01T15:00Z, zone: UTC, overlap: allow, misfire: all }");
        home.Set("2026-03-02T00:00:00");
        Assert.Equal(2, (await home.LookAsync()).Count);
        Assert.Equal("1", await home.SqlAsync("SELECT next_us IS NULL FROM schedule"));
        Assert.Null(home.Keeper().NextDue());
    }

    [Fact]
    public async Task NewVersion_OfADataSet_MakesOneRunEach_InOrder()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Version("corpus", "h0");
        home.Declare("fresh: { on: { dataset: corpus } }");
        Assert.Empty(await home.LookAsync());
        home.Version("corpus", "h1");
        home.Version("corpus", "h1");
        home.Version("corpus", "h2");
        home.Version("corpus", "h1");
        var runs = new List<string>();
        for (IReadOnlyList<string> started; (started = await home.LookAsync()).Count > 0; home.End(started))
        {
            runs.Add(Assert.Single(started));
            Assert.Empty(await home.LookAsync());
        }

        Assert.Equal(3, runs.Count);
        Assert.Equal("corpus@2 upstream\ncorpus@3 upstream\ncorpus@4 upstream", await home.SqlAsync("SELECT partition_key || ' ' || trigger_kind FROM run WHERE schedule_key='sample/fresh' ORDER BY rowid"));
        Assert.Equal("h0,h1,h2,h1", await home.SqlAsync("SELECT group_concat(version) FROM (SELECT version FROM dataset_version ORDER BY seq)"));
        Assert.Equal("fired 3", await home.OutcomesAsync());
    }

    [Fact]
    public async Task NewVersions_RunOnlyTheNewest_UnderOnce_AndAreListed_WhilePaused()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("fresh: { on: { dataset: corpus }, misfire: once }");
        home.Version("corpus", "h1");
        home.Version("corpus", "h2");
        home.End(Assert.Single(await home.LookAsync()));
        home.Control.Pause("fresh", "ann", "bad corpus");
        home.Version("corpus", "h3");
        home.Control.Resume("sample", "ann", "good again");
        Assert.Empty(await home.LookAsync());
        home.Version("corpus", "h4");
        Assert.Single(await home.LookAsync());
        Assert.Equal("fired 2, missed 1, paused 1", await home.OutcomesAsync());
        Assert.Equal("corpus@2,corpus@4", await home.SqlAsync("SELECT group_concat(mark) FROM (SELECT mark FROM schedule_tick WHERE outcome='fired' ORDER BY tick_id)"));
    }

    [Fact]
    public async Task Trigger_RunsAtOnce_AndServeTakesItUp()
    {
        using var home = new ScheduledHome();
        home.Declare("tick: { cron: '0 0 1 1 *', paused: not now, set: { corpus: data/b.jsonl } }");
        var run = home.Control.Trigger("tick", "ann", "to see");
        Assert.Equal($"{run}|manual|sample/tick|ann|to see|1", await home.SqlAsync("SELECT run_id || '|' || trigger_kind || '|' || schedule_key || '|' || requested_by || '|' || reason || '|' || (job_json LIKE '%data/b.jsonl%') FROM run"));
        home.Ledger.Write(db => db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, started_us, seen_us) VALUES ('w', 'serve', 'h', 1, 1, 'b', 0, 0)"));
        var serving = new Workflow.Schedules.ScheduleKeeper(home.Ledger, new Workflow.Runs.History(home.Time), "w", home.Reader);
        Assert.Equal([run], await serving.LookAsync(TestContext.Current.CancellationToken));
        Assert.Empty(await serving.LookAsync(TestContext.Current.CancellationToken));
        Assert.Equal("w", await home.SqlAsync("SELECT worker_id FROM run"));
    }
}
