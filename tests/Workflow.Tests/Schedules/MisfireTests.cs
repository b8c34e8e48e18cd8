using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>Down across fire times, and clocks that jump: exactly the policy's count, every missed one listed with its reason.</summary>
public sealed class MisfireTests
{
    /// <summary>Fire times missed, policy, runs made, missed ones listed.</summary>
    public static TheoryData<int, string, int, int> Downs => new()
    {
        { 1, "skip", 0, 1 }, { 1, "once", 1, 0 }, { 1, "all", 1, 0 },
        { 50, "skip", 0, 50 }, { 50, "once", 1, 49 }, { 50, "all", 50, 0 },
        { 10_000, "skip", 0, 10_000 }, { 10_000, "once", 1, 9_999 }, { 10_000, "all", 10_000, 0 },
    };

    [Theory]
    [MemberData(nameof(Downs))]
    public async Task Down_AcrossFireTimes_MakesExactlyThePolicysRuns_AndListsTheRest(int down, string misfire, int runs, int missed)
    {
        using var home = new ScheduledHome("2026-01-01T00:03:00");
        home.Declare($"tick: {{ cron: '*/5 * * * *', misfire: {misfire}, overlap: allow }}");
        home.Time.Advance(down * 300);
        Assert.Equal(runs, (await home.LookAsync()).Count);

        // The newest is three minutes old when somebody looks: all are missed ones.
        Assert.Equal(runs.ToString(), await home.SqlAsync("SELECT COUNT(*) FROM run WHERE trigger_kind='cron' AND schedule_key='sample/tick' AND state='queued'"));
        Assert.Equal(runs.ToString(), await home.SqlAsync("SELECT COUNT(DISTINCT nominal_start_us) FROM run"));
        Assert.Equal($"{missed}|{missed}", await home.SqlAsync("SELECT COUNT(*) || '|' || COALESCE(SUM(count), 0) FROM schedule_tick WHERE outcome='missed' AND reason LIKE 'nobody looked until%misfire " + misfire + "%'"));
        Assert.Equal($"{down}|{down}", await home.SqlAsync("SELECT COUNT(*) || '|' || COUNT(DISTINCT nominal_us) FROM schedule_tick"));
        Assert.Equal("", await home.SqlAsync("SELECT nominal_us FROM schedule_tick WHERE (nominal_us/1000000) % 300 <> 0"));
        if (misfire == "once")
        {
            Assert.Equal("1", await home.SqlAsync("SELECT nominal_start_us=(SELECT MAX(nominal_us) FROM schedule_tick) FROM run"));
        }

        if (misfire == "all")
        {
            Assert.Equal("1", await home.SqlAsync("SELECT group_concat(nominal_start_us)=(SELECT group_concat(nominal_us) FROM (SELECT nominal_us FROM schedule_tick ORDER BY nominal_us)) FROM (SELECT nominal_start_us FROM run ORDER BY rowid)"));
        }

        Assert.Empty(await home.LookAsync());
    }

    [Fact]
    public async Task Down_ForYears_FoldsTheOldestMisses_AndTheCountStaysExact()
    {
        using var home = new ScheduledHome("2024-01-01T00:00:30");
        home.Declare("tick: { cron: '* * * * *' }");
        home.Set("2026-01-01T00:00:00");
        Assert.Single(await home.LookAsync());
        var minutes = (366 + 365) * 1440;
        Assert.Equal($"fired 1, missed {minutes - 1}", await home.OutcomesAsync());
        Assert.Equal($"10001|{minutes - 1 - 10_000}", await home.SqlAsync("SELECT COUNT(*) || '|' || MAX(count) FROM schedule_tick WHERE outcome='missed'"));
    }

    [Fact]
    public async Task All_RunsOneAfterAnother_OldestFirst_WhereRunsMustNotOverlap()
    {
        using var home = new ScheduledHome("2026-01-01T00:00:30");
        home.Declare("tick: { cron: '0 * * * *', misfire: all, overlap: skip }");
        home.Set("2026-01-01T05:30:00");
        var order = new List<string>();
        for (IReadOnlyList<string> started; (started = await home.LookAsync()).Count > 0; home.End(started))
        {
            order.Add(Assert.Single(started));
            Assert.Empty(await home.LookAsync());
        }

        Assert.Equal(5, order.Count);
        Assert.Equal(string.Join('\n', order), await home.SqlAsync("SELECT run_id FROM run ORDER BY nominal_start_us"));
        Assert.Equal("fired 5", await home.OutcomesAsync());
    }

    [Fact]
    public async Task Clock_ThatJumps_FiresEachNominalTimeOnce()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *', misfire: all, overlap: allow }");
        var furthest = home.Now;
        foreach (var jump in new[] { 3600, -3600, 1800, 86_400, -86_400, 7200, -60, 3600, -7200, 90_000, 86_400, -1, 1, 3600 })
        {
            home.Time.Advance(jump);
            var fires = home.Now > furthest ? home.Now.ToUnixTimeSeconds() / 3600 - furthest.ToUnixTimeSeconds() / 3600 : 0;
            furthest = home.Now > furthest ? home.Now : furthest;
            var started = await home.LookAsync();
            Assert.True(fires == started.Count, $"after a jump of {jump} s to {home.Now:u}: {started.Count} runs, expected {fires}");
        }

        Assert.Equal("", await home.SqlAsync("SELECT nominal_start_us, COUNT(*) FROM run GROUP BY 1 HAVING COUNT(*)>1"));
        Assert.Equal("3600000000|3600000000", await home.SqlAsync("SELECT MIN(d) || '|' || MAX(d) FROM (SELECT nominal_start_us - LAG(nominal_start_us) OVER (ORDER BY nominal_start_us) d FROM run) WHERE d IS NOT NULL"));
    }

    [Fact]
    public async Task FireTime_LateWithinTheGrace_FiresUnderSkip()
    {
        using var home = new ScheduledHome("2026-03-01T10:30:00");
        home.Declare("tick: { cron: '0 * * * *', misfire: skip }");
        home.Set("2026-03-01T11:00:59");
        Assert.Single(await home.LookAsync());
        home.Set("2026-03-01T12:01:01");
        Assert.Empty(await home.LookAsync());
        Assert.Equal("fired 1, missed 1", await home.OutcomesAsync());
    }
}
