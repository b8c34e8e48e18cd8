using System.Diagnostics;
using System.Text.Json;
using Workflow.Schedules;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>Fire times in many zones against a scan of every minute with Python's zoneinfo (cron_oracle.py), which shares nothing with ours but the machine's time zone data.</summary>
public sealed class ZoneOracleTests
{
    const string Python = "/usr/bin/python3";

    static readonly string[] expressions =
    [
        "30 2 * * *", "0 0 * * *", "*/15 * * * *", "0 */2 * * *", "15 1,2,3 * * SUN", "0 9 * * MON-FRI", "45 23 28-31 * *", "0 12 13 * FRI",
        "5-50/15 2-3 * MAR,APR,SEP,OCT,NOV *", "0 0 1 1 *", "10 0,1 */2 * *", "*/20 2 * * *", "17 * * * 0,6", "59 23 29 2 *", "0,30 0-4 * * *",
    ];

    /// <summary>Zones and the stretches of time looked at: two years each, and the strangest changes of the past.</summary>
    static readonly (string Zone, string From, string To)[] stretches =
    [
        .. new[]
        {
            "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Los_Angeles", "America/Santiago", "America/Havana", "America/Nuuk",
            "America/Sao_Paulo", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Beirut", "Asia/Gaza", "Asia/Jerusalem", "Africa/Cairo", "Africa/Casablanca", "Australia/Lord_Howe",
            "Australia/Adelaide", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia", "Pacific/Norfolk", "Antarctica/Troll", "Atlantic/Azores",
        }.Select(z => (z, "2025-01-01", "2027-01-01")),
        ("Pacific/Apia", "2011-08-01", "2012-05-01"),
        ("Pacific/Kwajalein", "1993-07-01", "1993-10-01"),
        ("America/Sao_Paulo", "2018-09-01", "2019-04-01"),
        ("Asia/Pyongyang", "2015-07-01", "2015-10-01"),
        ("America/Caracas", "2016-04-01", "2016-06-01"),
        ("Africa/Casablanca", "2018-03-01", "2019-07-01"),
        ("Europe/Volgograd", "2018-10-01", "2021-01-10"),
        ("Africa/Juba", "2021-01-01", "2021-03-01"),
        ("Europe/Berlin", "2055-03-01", "2055-11-15"),
    ];

    [Fact]
    public async Task FireTimes_EqualAScanOfEveryMinute_InEveryZone()
    {
        if (!File.Exists(Python))
        {
            Assert.Skip($"{Python} is not there to scan the minutes.");
        }

        var task = JsonSerializer.Serialize(new { expressions, stretches = stretches.Select(s => new { zone = s.Zone, from = Seconds(s.From), to = Seconds(s.To) }) });
        var answers = (await AskAsync(task)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(stretches.Length * expressions.Length, answers.Length);
        var ends = stretches.ToDictionary(s => (s.Zone, Seconds(s.From)), s => Seconds(s.To));
        var (compared, differing) = (0L, new List<string>());
        foreach (var answer in answers.Select(a => a.Split('|')))
        {
            var (zone, from, cron) = (answer[0], long.Parse(answer[1]), answer[2]);
            var expected = answer[3].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToList();
            var ours = new FireTimes(CronExpression.Parse(cron), ZoneClock.Of(zone)).After(DateTimeOffset.FromUnixTimeSeconds(from - 1))
                .Select(t => t.ToUnixTimeSeconds()).TakeWhile(t => t < ends[(zone, from)]).Select(t => t / 60).ToList();
            compared += expected.Count;
            if (!expected.SequenceEqual(ours))
            {
                var wrong = expected.Except(ours).Select(t => $"missing {At(t)}").Concat(ours.Except(expected).Select(t => $"invented {At(t)}"));
                differing.Add($"{zone} '{cron}': {string.Join(", ", wrong.Take(4))}");
            }
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{compared:#,0} fire times of {expressions.Length} expressions in {stretches.Select(s => s.Zone).Distinct().Count()} zones compared");
        Assert.Empty(differing);
        Assert.True(compared > 1_000_000, $"only {compared} fire times were compared");
    }

    static long Seconds(string date) => DateTimeOffset.Parse(date + "T00:00Z").ToUnixTimeSeconds();

    static string At(long minutes) => DateTimeOffset.UnixEpoch.AddMinutes(minutes).ToString("yyyy-MM-dd HH:mm'Z'");

    static async Task<string> AskAsync(string task)
    {
        var script = Path.Combine(RepositoryFiles.Root, "tests", "Workflow.Tests", "Schedules", "cron_oracle.py");
        using var process = Process.Start(new ProcessStartInfo(Python, [script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.StandardInput.WriteAsync(task);
        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, await error);
        return await output;
    }
}
