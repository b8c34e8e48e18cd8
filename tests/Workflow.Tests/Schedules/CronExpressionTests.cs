using Workflow.Schedules;
using Xunit;

namespace Workflow.Tests.Schedules;

public sealed class CronExpressionTests
{
    static DateTimeOffset Utc(string time) => DateTimeOffset.Parse(time + "Z");

    static IEnumerable<string> Fires(string cron, string zone, string after, int count) =>
        new FireTimes(CronExpression.Parse(cron), ZoneClock.Of(zone)).After(Utc(after)).Take(count).Select(t => ZoneClock.Of(zone).Local(t).ToString("yyyy-MM-dd HH:mm zzz"));

    [Theory]
    [InlineData("", "found 0 fields")]
    [InlineData("* * * *", "found 4 fields")]
    [InlineData("* * * * * *", "found 6 fields")]
    [InlineData("60 * * * *", "minute (character 1): found '60'")]
    [InlineData("0 5,24 * * *", "hour (character 5): found '24'")]
    [InlineData("0 0 0 * *", "day of month (character 5): found '0'")]
    [InlineData("0 0 1 JANUARY *", "month (character 7): found 'JANUARY'; expected a month from 1 to 12, or JAN to DEC")]
    [InlineData("0 0 * * MON-FOO", "day of week (character 9): found 'FOO'")]
    [InlineData("0 22-2 * * *", "hour (character 3): found '22-2', which runs backwards; expected the smaller value first, such as '22-23,0-2'")]
    [InlineData("*/0 * * * *", "found the step '0'")]
    [InlineData("*/x * * * *", "found the step 'x'")]
    [InlineData("1,,2 * * * *", "minute (character 3): found nothing in ''")]
    [InlineData("0 0 L * *", "day of month (character 5): found 'L'")]
    [InlineData("0 0 30 2 *", "never fires: no February has a day 30")]
    [InlineData("0 0 31 4,6 *", "never fires: no April or June has a day 31")]
    [InlineData("@reboot", "found '@reboot'; expected one of @yearly")]
    [InlineData("99999999999 * * * *", "found '99999999999'")]
    public void Parse_SaysFieldAndPlace_WhenTheExpressionIsAtFault(string cron, string expected)
    {
        Assert.Null(CronExpression.TryParse(cron, out var message));
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0 0 * * 7", "0 0 * * SUN")]
    [InlineData("0 0 * * 5-7", "0 0 * * FRI-SUN")]
    [InlineData("0 0 * jan,feb *", "0 0 * 1-2 *")]
    [InlineData("@weekly", "0 0 * * 0")]
    [InlineData("5/20 * * * *", "5,25,45 * * * *")]
    [InlineData("  0   3\t* * *", "0 3 * * *")]
    public void Spellings_FireAlike(string one, string other) =>
        Assert.Equal(Fires(one, "UTC", "2026-01-01T00:00", 40), Fires(other, "UTC", "2026-01-01T00:00", 40));

    [Fact]
    public void Days_AreEither_WhenBothAreRestricted() =>
        Assert.Equal(["2026-03-02", "2026-03-09", "2026-03-13", "2026-03-16"], Fires("0 0 13 * MON", "UTC", "2026-03-01T00:00", 4).Select(f => f[..10]));

    [Fact]
    public void Days_AreBoth_WhenOneBeginsWithAStar() =>
        Assert.Equal(["2026-03-09", "2026-03-23"], Fires("0 0 */2 * MON", "UTC", "2026-03-08T00:00", 2).Select(f => f[..10]));

    [Fact]
    public void FixedTime_InAGap_FiresOnceAfterIt() =>
        Assert.Equal(["2026-03-28 02:30 +01:00", "2026-03-29 03:00 +02:00", "2026-03-30 02:30 +02:00"], Fires("30 2 * * *", "Europe/Berlin", "2026-03-27T12:00", 3));

    [Fact]
    public void FixedTimes_InAGap_FireOnceTogether_WithTheOneAtItsEnd() =>
        Assert.Equal(["2026-03-29 03:00 +02:00", "2026-03-30 02:00 +02:00"], Fires("0,20,40 2,3 * * *", "Europe/Berlin", "2026-03-29T00:50", 4).Where(f => f.Contains(":00 +")).Take(2));

    [Fact]
    public void FixedTime_ThatTheClockShowsTwice_FiresAtTheFirst() =>
        Assert.Equal(["2026-10-25 02:30 +02:00", "2026-10-26 02:30 +01:00"], Fires("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00", 2));

    [Fact]
    public void Interval_FiresInBothPasses_AndInventsNothingInAGap()
    {
        Assert.Equal(["01:30 +02:00", "02:00 +02:00", "02:30 +02:00", "02:00 +01:00", "02:30 +01:00", "03:00 +01:00"], Fires("*/30 * * * *", "Europe/Berlin", "2026-10-24T23:00", 6).Select(f => f[11..]));
        Assert.Equal(["01:30 +01:00", "03:00 +02:00"], Fires("*/30 * * * *", "Europe/Berlin", "2026-03-29T00:00", 2).Select(f => f[11..]));
    }

    [Theory]
    [InlineData("0 0 29 2 *", "2096-03-01T00:00", "2104-02-29")]
    [InlineData("0 0 29 2 */7", "2088-03-01T00:00", "2128-02-29")]
    public void Next_FindsARareDate_AcrossACenturyWithoutALeapDay(string cron, string after, string expected) =>
        Assert.Equal([expected], Fires(cron, "UTC", after, 1).Select(f => f[..10]));

    [Fact]
    public void Next_IsStrictlyAfter()
    {
        var times = new FireTimes(CronExpression.Parse("0 * * * *"), ZoneClock.Of("UTC"));
        Assert.Equal(Utc("2026-01-01T02:00"), times.Next(Utc("2026-01-01T01:00")));
        Assert.Equal(Utc("2026-01-01T01:00"), times.Next(Utc("2026-01-01T00:59:59.999")));
        Assert.Equal(Utc("2026-01-01T02:00"), times.Next(Utc("2026-01-01T01:00:00.001")));
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("/usr/share/zoneinfo/UTC")]
    [InlineData("Europe/Berlln")]
    [InlineData("")]
    [InlineData("Europe")]
    public void Zone_IsNull_WhenThereIsNone(string name) => Assert.Null(ZoneClock.Find(name));

    [Theory]
    [InlineData("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00")]
    [InlineData("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30")]
    [InlineData("Europe/Berlin", "2026-07-01T12:00", "2026-07-01T10:00")]
    [InlineData("Pacific/Apia", "2011-12-30T09:00", "2011-12-30T10:00")]
    [InlineData("UTC", "2026-01-01T00:00", "2026-01-01T00:00")]
    public void Instant_IsTheFirstPass_OrTheEndOfTheGap(string zone, string local, string utc) => Assert.Equal(Utc(utc), ZoneClock.Of(zone).Instant(DateTime.Parse(local)));
}
