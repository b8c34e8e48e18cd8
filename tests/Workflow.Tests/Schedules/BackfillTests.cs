using Xunit;

namespace Workflow.Tests.Schedules;

public sealed class BackfillTests
{
    static DateTimeOffset Utc(string time) => DateTimeOffset.Parse(time + "Z");

    [Fact]
    public async Task Backfill_MakesOneRunPerNominalTime_AsManyAtATimeAsAsked()
    {
        using var home = new ScheduledHome("2026-03-01T12:00:00");
        home.Declare("nightly: { cron: '0 2 * * *' }");
        home.Control.Backfill("nightly", Utc("2026-02-01T00:00"), Utc("2026-02-08T02:00"), 2, "ann", "new cleaning rules");
        var rounds = new List<int>();
        for (IReadOnlyList<string> started; (started = await home.LookAsync()).Count > 0; home.End(started))
        {
            rounds.Add(started.Count);
            Assert.Empty(await home.LookAsync());
        }

        Assert.Equal([2, 2, 2, 1], rounds);
        Assert.Equal("7|7|2026-02-01 02:00:00|2026-02-07 02:00:00|backfill", await home.SqlAsync(
            "SELECT COUNT(*) || '|' || COUNT(DISTINCT nominal_start_us) || '|' || datetime(MIN(nominal_start_us)/1000000,'unixepoch') || '|' || datetime(MAX(nominal_start_us)/1000000,'unixepoch') || '|' || MIN(trigger_kind) FROM run JOIN backfill USING(backfill_id)"));
        Assert.Equal("1", await home.SqlAsync("SELECT ended_us IS NOT NULL FROM backfill"));
    }

    [Fact]
    public async Task Backfill_MakesOnlyWhatIsMissing_WhenRepeated_OrWhereCronRan()
    {
        using var home = new ScheduledHome("2026-02-03T01:00:00");
        home.Declare("nightly: { cron: '0 2 * * *', overlap: allow }");
        home.Set("2026-02-03T02:00:01");
        Assert.Single(await home.LookAsync());
        for (var i = 0; i < 2; i++)
        {
            home.Control.Backfill("nightly", Utc("2026-02-01T00:00"), Utc("2026-02-05T00:00"), 10, "ann", null);
            Assert.Equal(i == 0 ? 3 : 0, (await home.LookAsync()).Count);
        }

        Assert.Equal("cron 1, backfill 3", (await home.SqlAsync("SELECT trigger_kind || ' ' || COUNT(*) FROM run GROUP BY trigger_kind ORDER BY trigger_kind DESC")).Replace("\n", ", "));
        Assert.Equal("exists 5, fired 4", await home.OutcomesAsync());

        // The nominal time that the backfill ran ahead of its day gets no second run when its day comes.
        home.Set("2026-02-04T02:00:01");
        Assert.Empty(await home.LookAsync());
        Assert.Equal("exists 6, fired 4", await home.OutcomesAsync());
    }

    [Fact]
    public async Task Backfill_SaysWhatItWouldDo_AndChangesNothing_WhenDry()
    {
        using var home = new ScheduledHome("2026-03-28T00:00:00");
        home.Declare("nightly: { cron: '30 2 * * *', zone: Europe/Berlin }");
        home.Set("2026-03-28T01:30:00");
        var run = Assert.Single(await home.LookAsync());
        var times = home.Control.BackfillTimes("nightly", Utc("2026-03-27T00:00"), Utc("2026-03-30T00:00"));
        Assert.Equal([(Utc("2026-03-27T01:30"), null), (Utc("2026-03-28T01:30"), run), (Utc("2026-03-29T01:00"), null)], times);
        Assert.Equal("0", await home.SqlAsync("SELECT COUNT(*) FROM backfill"));
        Assert.Contains("No nominal time", Assert.Throws<WorkflowException>(() => home.Control.BackfillTimes("nightly", Utc("2026-03-27T02:00"), Utc("2026-03-27T03:00"))).Message);
        Assert.Contains("ends", Assert.Throws<WorkflowException>(() => home.Control.BackfillTimes("nightly", Utc("2026-03-28T02:00"), Utc("2026-03-27T03:00"))).Message);
    }
}
