using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>A serve that is killed around the transaction that makes a run, under a clock that the test moves; the next serve goes on.</summary>
public sealed class KeeperKillTests : IDisposable
{
    const int Killed = 128 + 9;
    readonly string folder = Directory.CreateTempSubdirectory("workflow-kept-").FullName;
    DateTimeOffset shown;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string Clock => Path.Combine(folder, "clock");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("inline")]
    [InlineData("quartz")]
    public async Task FireTimes_MakeOneRunEach_WhereverTheServeWasKilled(string engine)
    {
        Directory.CreateDirectory(Path.Combine(folder, "jobs"));
        File.WriteAllText(Path.Combine(folder, "jobs", "job.yaml"), """
            job: small
            schedules: { hourly: { cron: "0 * * * *", misfire: all, overlap: allow } }
            stages:
              documents: { uses: ingest, with: { format: jsonl, sources: [corpus.jsonl] } }
            """);
        File.WriteAllText(Path.Combine(folder, "corpus.jsonl"), """{"id":"a","title":"First","content":"The first document of the corpus, long enough to be kept."}""" + "\n");
        Set("2026-03-01T00:30:00");

        // The first look declares; the hour that passes then is what the killed ones look at.
        using (var serve = await StartAsync(engine, "schedule.planned"))
        {
            Set("2026-03-01T01:30:00");
            await serve.WaitForExitAsync(Cancellation);
            Assert.Equal(Killed, serve.ExitCode);
        }

        Assert.Equal("0 0", await SqlAsync("SELECT (SELECT COUNT(*) FROM run) || ' ' || (SELECT COUNT(*) FROM schedule_tick)"));
        await DieAsync(engine, "schedule.inside");
        Assert.Equal("0 0", await SqlAsync("SELECT (SELECT COUNT(*) FROM run) || ' ' || (SELECT COUNT(*) FROM schedule_tick)"));
        await DieAsync(engine, "schedule.after");
        Assert.Equal("1 1 queued", await SqlAsync("SELECT (SELECT COUNT(*) FROM run) || ' ' || (SELECT COUNT(*) FROM schedule_tick) || ' ' || (SELECT state FROM run)"));

        using (var serve = await StartAsync(engine, null))
        {
            await UntilAsync(serve, "1");
            Set("2026-03-01T04:30:00");
            await UntilAsync(serve, "4");
            Set("2026-03-01T02:30:00");
            Set("2026-03-01T05:00:01");
            await UntilAsync(serve, "5");
            using var interrupt = Process.Start("kill", ["-INT", serve.Id.ToString()]);
            await serve.WaitForExitAsync(Cancellation);
            Assert.Equal(0, serve.ExitCode);
        }

        Assert.Equal("01 02 03 04 05", await SqlAsync("SELECT group_concat(hour, ' ') FROM (SELECT strftime('%H', nominal_start_us/1000000, 'unixepoch') hour FROM run ORDER BY nominal_start_us)"));
        Assert.Equal("fired 5", await SqlAsync("SELECT outcome || ' ' || SUM(count) FROM schedule_tick GROUP BY outcome"));
        Assert.Equal("ok", await SqlAsync("PRAGMA integrity_check"));
    }

    /// <summary>Sets the wall clock of the processes, at once and whole.</summary>
    void Set(string utc)
    {
        shown = DateTimeOffset.Parse(utc + "Z");
        File.WriteAllText(Clock + ".new", (shown - TimeProvider.System.GetUtcNow()).TotalSeconds.ToString(CultureInfo.InvariantCulture));
        File.Move(Clock + ".new", Clock, overwrite: true);
    }

    Process Launch(string engine, string? chaos)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ClockHost"), ["serve", "--jobs", "jobs", "--engine", engine, "--home", "home", "--url", "http://127.0.0.1:0", "--json"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["CLOCK_FILE"] = Clock;
        start.Environment["WORKFLOW_CHAOS"] = chaos is null ? null : $"{chaos}:1:kill";
        var process = Process.Start(start)!;
        process.ErrorDataReceived += (_, line) => TestContext.Current.TestOutputHelper?.WriteLine(line.Data ?? "");
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Starts a serve and waits until its schedules are declared.</summary>
    async Task<Process> StartAsync(string engine, string? chaos)
    {
        var process = Launch(engine, chaos);
        Assert.Contains("address", await process.StandardOutput.ReadLineAsync(Cancellation));
        while (await SqlAsync("SELECT COUNT(*) FROM schedule") != "1")
        {
            await Task.Delay(20, Cancellation);
        }

        return process;
    }

    /// <summary>Starts a serve that has something to do at once and dies of it.</summary>
    async Task DieAsync(string engine, string chaos)
    {
        using var serve = Launch(engine, chaos);
        await serve.WaitForExitAsync(Cancellation);
        Assert.Equal(Killed, serve.ExitCode);
    }

    async Task UntilAsync(Process serve, string succeeded)
    {
        while (await SqlAsync("SELECT COUNT(*) FROM run WHERE state='succeeded'") != succeeded)
        {
            Assert.False(serve.HasExited);
            await Task.Delay(50, Cancellation);
        }
    }

    Task<string> SqlAsync(string sql) => SqliteShell.RunAsync(Path.Combine(folder, "home", "ledger.db"), sql, Cancellation);
}
