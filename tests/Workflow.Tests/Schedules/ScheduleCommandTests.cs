using System.Text.Json;
using Workflow.Cli;
using Workflow.Tests.Cli;
using Workflow.Tests.Jobs;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>The subcommands of <c>schedule</c>, with nobody serving.</summary>
public sealed class ScheduleCommandTests : IDisposable
{
    readonly JobFolder folder = new();
    readonly ManualTime time = new();

    public ScheduleCommandTests()
    {
        time.Advance(DateTimeOffset.Parse("2026-03-27T12:00Z").ToUnixTimeSeconds());
        Write("""nightly: { cron: "30 2 * * *", zone: Europe/Berlin }""");
    }

    public void Dispose() => folder.Dispose();

    void Write(string schedule) => File.WriteAllText(Path.Combine(folder.Root, "jobs", "job.yaml"), $"{JobFolder.Good}\nschedules:\n  {schedule}\n");

    async Task<ProcessAnswer> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var context = new CliContext(SampleStage.Table, time, output, error, folder.Root);
        var code = await CommandLine.RunAsync(["schedule", .. arguments, "--home", Path.Combine(folder.Root, "home")], context, TestContext.Current.CancellationToken);
        return new ProcessAnswer(code, output.ToString(), error.ToString());
    }

    async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var answer = await RunAsync([.. arguments, "--json"]);
        Assert.True(answer.ExitCode == 0, answer.Error);
        return JsonDocument.Parse(answer.LastLine).RootElement;
    }

    Task<string> SqlAsync(string sql) => SqliteShell.RunAsync(Path.Combine(folder.Root, "home", "ledger.db"), sql, TestContext.Current.CancellationToken);

    [Fact]
    public async Task Add_ListsTheScheduleWithItsNextTime_AndNextKnowsTheGap()
    {
        Assert.Contains("No schedules yet", (await RunAsync("list")).Output);
        Assert.Equal("sample/nightly: declared, next 2026-03-28 02:30 +01:00\n", (await RunAsync("add", "jobs/job.yaml", "--set", "seed=8")).Output);
        Assert.Equal("sample/nightly: unchanged, next 2026-03-28 02:30 +01:00\n", (await RunAsync("add", "jobs/job.yaml", "--set", "seed=8")).Output);

        var row = (await JsonAsync("list"))[0];
        Assert.Equal(("sample/nightly", "active", "2026-03-28T01:30:00.0000000Z"), (row.GetProperty("schedule").GetString(), row.GetProperty("state").GetString(), row.GetProperty("next").GetString()));
        Assert.Contains("sample/nightly  30 2 * * *  Europe/Berlin  active  2026-03-28 02:30 +01:00", (await RunAsync("list")).Output);
        Assert.Equal("2026-03-28 02:30 +01:00  (2026-03-28 01:30:00 UTC)\n2026-03-29 03:00 +02:00  (2026-03-29 01:00:00 UTC)\n2026-03-30 02:30 +02:00  (2026-03-30 00:30:00 UTC)\n", (await RunAsync("next", "nightly", "-n", "3")).Output);
        Assert.Equal("schedule.add|sample/nightly", await SqlAsync("SELECT action || '|' || target FROM audit"));

        var run = (await JsonAsync("trigger", "sample", "--reason", "to see")).GetProperty("run").GetString();
        Assert.Equal($"{run}|8|queued|sample/nightly", await SqlAsync("SELECT run_id || '|' || seed || '|' || state || '|' || schedule_key FROM run"));
        Assert.Contains($"manual  fired    {run}  queued", (await RunAsync("show", "nightly")).Output);
    }

    [Fact]
    public async Task Pause_AndResume_AreAudited_AndShown()
    {
        await RunAsync("add", "jobs/job.yaml");
        Assert.Equal(2, (await RunAsync("pause", "nightly")).ExitCode);
        Assert.Equal("sample/nightly: paused\n", (await RunAsync("pause", "nightly", "--reason", "disk is full")).Output);
        Assert.Equal("sample/nightly: paused until 2026-03-28 06:00 +01:00\n", (await RunAsync("pause", "nightly", "--reason", "disk is full", "--until", "2026-03-28 06:00")).Output);
        Assert.Equal("2026-03-28T05:00:00", (await JsonAsync("list"))[0].GetProperty("paused_until").GetString()![..19]);
        Assert.Contains("sample/nightly is paused: disk is full", (await RunAsync("list")).Output);
        Assert.Contains("State: paused, disk is full", (await RunAsync("show", "nightly")).Output);
        Assert.Equal("sample/nightly: active, next 2026-03-28 02:30 +01:00\n", (await RunAsync("resume", "nightly")).Output);
        var again = await RunAsync("resume", "nightly");
        Assert.Equal((1, "The schedule sample/nightly is not paused."), (again.ExitCode, again.Error.Trim()));
        Assert.Equal("schedule.add,schedule.pause,schedule.pause,schedule.resume", await SqlAsync("SELECT group_concat(action) FROM (SELECT action FROM audit ORDER BY seq)"));

        Assert.Equal("sample/nightly: withdrawn\n", (await RunAsync("remove", "nightly")).Output);
        Assert.Equal(0, (await JsonAsync("list")).GetArrayLength());
        Assert.Equal("withdrawn", (await JsonAsync("list", "--all"))[0].GetProperty("state").GetString());
        var gone = await RunAsync("show", "nigthly");
        Assert.Equal(2, gone.ExitCode);
        Assert.Contains("No schedule 'nigthly' in this home", gone.Error);
    }

    [Fact]
    public async Task Backfill_ShowsItsTimesWhenDry_AndAsksOnce()
    {
        await RunAsync("add", "jobs/job.yaml");
        var dry = await RunAsync("backfill", "nightly", "--from", "2026-01-01", "--to", "2026-01-03", "--dry-run");
        Assert.Equal("2026-01-01 02:30 +01:00  would run\n2026-01-02 02:30 +01:00  would run\n2 of 2 would run.\n", dry.Output);
        Assert.Equal("0", await SqlAsync("SELECT COUNT(*) FROM backfill"));
        var asked = await JsonAsync("backfill", "nightly", "--from", "2026-01-01", "--to", "2026-01-01T01:31Z", "--parallel", "3");
        Assert.Equal((1, 3), (asked.GetProperty("total").GetInt32(), asked.GetProperty("parallel").GetInt32()));
        var fault = await RunAsync("backfill", "nightly", "--from", "yesterday", "--to", "2026-01-01");
        Assert.Equal(2, fault.ExitCode);
        Assert.Contains("--from: found 'yesterday'; expected a date", fault.Error);
    }

    [Fact]
    public async Task Add_SaysEveryFault_AndThatThereAreNone()
    {
        Write("""nightly: { cron: "30 25 * * *", zone: Mars/Olympus }""");
        var fault = await RunAsync("add", "jobs/job.yaml");
        Assert.Equal(2, fault.ExitCode);
        Assert.Contains("hour (character 4): found '25'", fault.Error);
        Assert.Contains("found 'Mars/Olympus'", fault.Error);
        File.WriteAllText(Path.Combine(folder.Root, "jobs", "job.yaml"), JobFolder.Good);
        Assert.Contains("has no schedules", (await RunAsync("add", "jobs/job.yaml")).Error);
    }
}
