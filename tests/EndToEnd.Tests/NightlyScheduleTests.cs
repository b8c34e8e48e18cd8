using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>
/// jobs/nightly.yaml as an operator runs it: served under a wall clock that the test moves over three nights, one of which has no 02:15, with files arriving in between and a kill -9 of everything
/// in the middle of each night. What comes out is what three undisturbed runs by hand give.
/// </summary>
public sealed class NightlyScheduleTests(SharedRuns shared, ITestOutputHelper output) : IDisposable
{
    /// <summary>When each night rings, in UTC. Berlin puts its clocks forward on 29 March 2026, from 02:00 to 03:00: the gap swallows 02:15, and 03:00 stands in for it.</summary>
    static readonly DateTimeOffset[] Nights = [At("2026-03-27T01:15:00Z"), At("2026-03-28T01:15:00Z"), At("2026-03-29T01:00:00Z")];

    /// <summary>Where each night is killed: once a stage has committed, and where a stage is at work.</summary>
    static readonly string[] Moments =
    [
        "SELECT '1' FROM checkpoint c JOIN node n USING(run_id, node_id) WHERE n.stage='guide' AND n.state='running'",
        "SELECT '1' FROM node WHERE run_id={0} AND stage IN('embeddings','mine') AND state='running'",
        "SELECT '1' FROM checkpoint c JOIN node n USING(run_id, node_id) WHERE n.run_id={0} AND n.stage='train' AND n.state='running'",
    ];

    readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("workflow-nightly-");
    readonly HomeFolder served = new();

    string Clock => Path.Combine(folder.FullName, "clock");

    public void Dispose()
    {
        folder.Delete(recursive: true);
        served.Dispose();
    }

    [Fact]
    public async Task ThreeNights_EndAsIfUndisturbed_WhenEachIsKilled()
    {
        var shaken = Path.Combine(folder.FullName, "shaken");
        TwoNights.Clone(shaken);
        var runs = new List<string>();
        SetClock(Nights[0].AddHours(-3));
        var serve = await ServeAsync(shaken);
        try
        {
            for (var night = 0; night < Nights.Length; night++)
            {
                SetClock(Nights[night].AddSeconds(-40));
                SetClock(Nights[night].AddSeconds(1));
                var run = await UntilAsync(serve, $"SELECT run_id FROM run WHERE nominal_start_us={Micros(Nights[night])}");
                await UntilAsync(serve, string.Format(CultureInfo.InvariantCulture, Moments[night], $"'{run}'"));
                await WorkflowProgram.KillGroupAsync(serve);
                serve.Dispose();
                Assert.Empty(served.TornFiles());

                serve = await ServeAsync(shaken);
                await UntilAsync(serve, $"SELECT '1' FROM run WHERE run_id='{run}' AND state NOT IN('queued','running','interrupted')");
                Assert.Equal(["succeeded|cron|1"], await Sqlite3.QueryAsync(served.Path, $"SELECT state, trigger_kind, (SELECT count(*)>0 FROM attempt t WHERE t.run_id=r.run_id AND t.state='lost') FROM run r WHERE run_id='{run}'"));
                runs.Add(run);
                TwoNights.Arrive(shaken, night);
            }
        }
        finally
        {
            await WorkflowProgram.KillGroupAsync(serve);
            serve.Dispose();
        }

        // The first two nights by hand are there already; the third goes on from them, as its file came before it.
        var undisturbed = await shared.Nights;
        using var byHand = await undisturbed.Home.CopyAsync();
        var calm = Path.Combine(folder.FullName, "calm");
        TwoNights.Clone(calm);
        TwoNights.Arrive(calm, 0);
        TwoNights.Arrive(calm, 1);
        var third = await TwoNights.RunAsync(calm, byHand);
        SortedDictionary<string, string>[] expected = [.. undisturbed.Artifacts, await TinyRun.ArtifactsOfAsync(byHand.Path, (string)third.Json["run"]!)];
        for (var night = 0; night < Nights.Length; night++)
        {
            Assert.Equal(expected[night], await TinyRun.ArtifactsOfAsync(served.Path, runs[night]));
        }

        Assert.Equal(Nights.Select(n => $"nightly/nightly|{Micros(n)}|fired"), await Sqlite3.QueryAsync(served.Path, "SELECT schedule_key, nominal_us, outcome FROM schedule_tick ORDER BY nominal_us"));
        Assert.Equal(["3|0"], await Sqlite3.QueryAsync(served.Path, "SELECT count(*), sum(created_us < nominal_start_us) FROM run"));
        var slots = "SELECT name, seq, artifact_id FROM model_slot ORDER BY name, seq";
        Assert.Equal(await Sqlite3.QueryAsync(byHand.Path, slots), await Sqlite3.QueryAsync(served.Path, slots));
        Assert.Equal(["ok"], await Sqlite3.QueryAsync(served.Path, "PRAGMA integrity_check"));
        var verify = await WorkflowProgram.RunAsync("verify", "--home", served.Path);
        Assert.True(verify.ExitCode == 0, verify.Errors + verify.Output);
        foreach (var line in await Sqlite3.QueryAsync(served.Path, "SELECT datetime(nominal_start_us/1000000,'unixepoch'), state, (SELECT count(*) FROM node n WHERE n.run_id=r.run_id AND n.state='reused'), (SELECT count(*) FROM node n WHERE n.run_id=r.run_id) FROM run r ORDER BY 1"))
        {
            output.WriteLine(line);
        }
    }

    async Task<Process> ServeAsync(string repository)
    {
        var serve = WorkflowProgram.StartAt(Clock, repository, "serve", "--jobs", "jobs", "--home", served.Path, "--url", "http://127.0.0.1:0");
        await serve.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
        _ = serve.StandardOutput.ReadToEndAsync(CancellationToken.None);
        _ = DrainAsync(serve.StandardError);
        return serve;
    }

    async Task DrainAsync(StreamReader reader)
    {
        while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
        {
            lock (said)
            {
                said.Add(line);
            }
        }
    }

    readonly List<string> said = [];

    async Task<string> UntilAsync(Process serve, string sql)
    {
        while (true)
        {
            if (Sqlite3.Look(served.Path, sql) is { } first)
            {
                return first;
            }

            lock (said)
            {
                Assert.False(serve.HasExited, $"serve ended: {string.Join('\n', said.TakeLast(20))}");
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Sets the wall clock of the served home.</summary>
    void SetClock(DateTimeOffset now)
    {
        File.WriteAllText(Clock + ".new", (now - TimeProvider.System.GetUtcNow()).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        File.Move(Clock + ".new", Clock, overwrite: true);
    }

    static long Micros(DateTimeOffset time) => time.ToUnixTimeMilliseconds() * 1000;

    static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
