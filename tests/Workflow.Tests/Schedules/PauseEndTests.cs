using Workflow.Schedules;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>Pauses that end by themselves: what came due until then was paused, what came due since follows the misfire policy.</summary>
public sealed class PauseEndTests
{
    [Theory]
    [InlineData("skip", "missed 2, paused 2")]
    [InlineData("once", "fired 1, missed 1, paused 2")]
    [InlineData("all", "fired 1, paused 2")]
    public async Task Pause_EndsAtItsTime_WhoeverLooksWhen(string misfire, string expected)
    {
        using var home = new ScheduledHome("2026-03-01T12:00:00");
        home.Declare($"nightly: {{ cron: '0 6 * * *', misfire: {misfire} }}");
        home.Control.Pause("nightly", "ann", "disks", _ => DateTimeOffset.Parse("2026-03-03T12:00Z"));
        home.Set("2026-03-02T18:00:00");
        await home.LookAsync();
        Assert.Equal("paused 1", await home.OutcomesAsync());

        // Nobody looks when it ends, and for two more fire times.
        home.Set("2026-03-05T18:00:00");
        await home.LookAsync();
        Assert.Equal(expected, await home.OutcomesAsync());
        Assert.Equal("|", await home.SqlAsync("SELECT paused_reason, paused_until_us FROM schedule"));
        Assert.Equal("ann schedule.pause disks|workflow schedule.resume the end of the pause by ann has come",
            await home.SqlAsync("SELECT group_concat(actor || ' ' || action || ' ' || reason, '|') FROM (SELECT * FROM audit ORDER BY seq)"));
        await home.LookAsync();
        Assert.Equal(2, int.Parse(await home.SqlAsync("SELECT COUNT(*) FROM audit")));
    }

    [Fact]
    public async Task Versions_MadeDuringThePause_ArePaused_AndLaterOnesRun()
    {
        using var home = new ScheduledHome("2026-03-01T12:00:00");
        home.Declare("fresh: { on: { dataset: other } }");
        home.Control.Pause("fresh", "ann", "disks", _ => DateTimeOffset.Parse("2026-03-02T12:00Z"));
        home.Version("other", "v1");
        home.Set("2026-03-03T12:00:00");
        home.Version("other", "v2");
        await home.LookAsync();
        Assert.Equal("fired 1, paused 1", await home.OutcomesAsync());
    }

    [Fact]
    public void Pause_TakesALengthOrATimeOfTheZone_AndRefusesOthers()
    {
        var (zone, now) = (ZoneClock.Of("Europe/Berlin"), DateTimeOffset.Parse("2026-03-28T12:00Z"));
        Assert.Null(PauseEnd.Parse(" ", zone, now, "until"));
        Assert.Equal(now.AddMinutes(90), PauseEnd.Parse("90m", zone, now, "until"));
        Assert.Equal(DateTimeOffset.Parse("2026-03-29T04:00Z"), PauseEnd.Parse("2026-03-29 06:00", zone, now, "until"));
        Assert.Contains("until: found 'soon'", Assert.Throws<WorkflowException>(() => PauseEnd.Parse("soon", zone, now, "until")).Message, StringComparison.Ordinal);
    }
}
