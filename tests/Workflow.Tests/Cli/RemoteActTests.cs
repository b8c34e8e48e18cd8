using System.Text.Json;
using Xunit;

namespace Workflow.Tests.Cli;

/// <summary>Acts of the command line at a live <c>serve</c>, each with what it left in the ledger and the audit.</summary>
public sealed class RemoteActTests(ServedHome home) : IClassFixture<ServedHome>
{
    [Fact]
    public async Task Run_IsFollowedToItsEnd_AndPrintsWhatARunHerePrints()
    {
        var there = await home.ThereAsync("run", "jobs/small.yaml", "--set", "text=there", "--reason", "to see", "--priority", "3", "--json");
        var run = RemoteHome.Run(there, 0);
        Assert.Contains("evaluate: started\n", there.Error, StringComparison.Ordinal);
        Assert.Contains("documents: done in ", there.Error, StringComparison.Ordinal);
        Assert.EndsWith("model   .7500 [.700, .800]", there.Error.Split("\n\nReport")[0], StringComparison.Ordinal);
        var result = JsonDocument.Parse(there.LastLine).RootElement;
        Assert.Equal("""{"bm25":{"ndcg@10":0.5},"model":{"ndcg@10":0.75}}""", result.GetProperty("scores").GetRawText());
        Assert.Equal("<html>done</html>", await File.ReadAllTextAsync(result.GetProperty("report").GetString()!, TestContext.Current.CancellationToken));
        Assert.Equal(("manual", 3, "to see"), home.Ledger.Read(db => db.First("SELECT trigger_kind, priority, reason FROM run WHERE run_id=?1", r => (r.Text(0), (int)r.Number(1), r.Text(2)), run)));
        Assert.Equal(["otto run to see"], home.Audit(run));

        var again = await home.ThereAsync("run", "jobs/small.yaml", "--set", "text=there");
        Assert.Equal(0, again.ExitCode);
        Assert.EndsWith("Every stage was reused: nothing had changed.\n", again.Output, StringComparison.Ordinal);

        var from = RemoteHome.Run(await home.ThereAsync("resume", run, "--from", "evaluate", "--reason", "again", "--json"), 0);
        Assert.NotEqual(run, from);
        Assert.Equal(["otto run to see", "otto restart again"], home.Audit(run));
        Assert.Equal("reused succeeded succeeded", home.Ledger.Read(db => string.Join(' ', db.Query("SELECT state FROM node WHERE run_id=?1 ORDER BY ordinal", r => r.Text(0), from))));
    }

    [Fact]
    public async Task Run_ThatFails_IsExitCodeOne_AndAFaultyJobTwoWithTheSameWordsAsHere()
    {
        var failed = await home.ThereAsync("run", "jobs/broken.yaml");
        Assert.Equal(1, failed.ExitCode);
        Assert.Contains("The pen is broken.", failed.Error, StringComparison.Ordinal);
        Assert.Contains("`workflow resume ", failed.Error, StringComparison.Ordinal);

        foreach (var text in new[] { "job: bad\nstages: {}\n", "job: [", "job: x\nstagess: 1\nstages:\n  a: { uses: writ }\n" })
        {
            await File.WriteAllTextAsync(Path.Combine(home.Folder, "jobs", "bad.yaml"), text, TestContext.Current.CancellationToken);
            var here = await RemoteHome.RunAsync(home.Folder, TimeProvider.System, ["run", "jobs/bad.yaml", "--home", Path.Combine(home.Folder, "other")]);
            var there = await home.ThereAsync("run", "jobs/bad.yaml");
            Assert.Equal((2, here.Output, here.Error), (there.ExitCode, there.Output, there.Error));
        }
    }

    [Theory]
    [InlineData("gate: /etc/passwd")]
    [InlineData("gate: ../../outside")]
    public async Task Run_StaysInsideTheServersFolders_EvenByASet(string with)
    {
        var job = $"job: spy\nparameters:\n  where: {{ default: jobs }}\nstages:\n  documents: {{ uses: spy, with: {{ path: \"${{where}}\" }} }}\n";
        await File.WriteAllTextAsync(Path.Combine(home.Folder, "jobs", "spy.yaml"), job, TestContext.Current.CancellationToken);
        var path = with["gate: ".Length..];
        var there = await home.ThereAsync("run", "jobs/spy.yaml", "--set", $"where={path}");
        Assert.Equal(2, there.ExitCode);
        Assert.Contains("outside the allowed folders", there.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancel_StopsARun_AndResumeGoesOnWithIt()
    {
        var gate = Path.Combine(home.Folder, "gate-cancel");
        var running = home.ThereAsync("run", "jobs/small.yaml", "--set", "text=held", "--set", $"stages.documents.with.gate={gate}", "--json");
        var run = await home.WaitForRunAsync("held");
        var cancelled = await home.ThereAsync("cancel", run[^8..], "--reason", "wrong corpus");
        Assert.Equal((0, $"Run {run}: cancelled\n", ""), (cancelled.ExitCode, cancelled.Output, cancelled.Error));
        Assert.Equal(run, RemoteHome.Run(await running, 1));
        Assert.Contains("otto cancel wrong corpus", home.Audit(run));
        var late = await home.ThereAsync("cancel", run);
        Assert.Equal((0, $"Run {run}: cancelled\n"), (late.ExitCode, late.Output));

        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);
        Assert.Equal(run, RemoteHome.Run(await home.ThereAsync("resume", run, "--reason", "right after all", "--json"), 0));
        Assert.Contains("otto resume right after all", home.Audit(run));
        var over = await home.ThereAsync("resume", run);
        Assert.Equal(1, over.ExitCode);
        Assert.Contains("there is nothing to resume", over.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Logs_AreFollowed_UntilTheRunHasEnded()
    {
        var gate = Path.Combine(home.Folder, "gate-logs");
        var running = home.ThereAsync("run", "jobs/small.yaml", "--set", "text=told", "--set", $"stages.documents.with.gate={gate}", "--json");
        var run = await home.WaitForRunAsync("told");
        var follow = home.ThereAsync("logs", run, "--follow");
        await File.WriteAllTextAsync(gate, "", TestContext.Current.CancellationToken);
        RemoteHome.Run(await running, 0);
        var told = await follow;
        Assert.Equal(0, told.ExitCode);
        Assert.Contains(" documents#1 writing told\n", told.Output, StringComparison.Ordinal);
        Assert.Equal((await home.ThereAsync("logs", run)).Output.Split('\n').Order(), told.Output.Split('\n').Order());
    }

    [Fact]
    public async Task Schedule_IsPausedResumedTriggeredAndFilled()
    {
        var paused = await home.ThereAsync("schedule", "pause", "nightly", "--reason", "moving house");
        Assert.Equal((0, "small/nightly: paused\n"), (paused.ExitCode, paused.Output));
        Assert.Equal("moving house", home.Ledger.Read(db => db.Text("SELECT paused_reason FROM schedule WHERE schedule_key='small/nightly'")));
        var resumed = await home.ThereAsync("schedule", "resume", "nightly", "--json");
        Assert.Equal("active", JsonDocument.Parse(resumed.Output).RootElement.GetProperty("state").GetString());
        var run = RemoteHome.Run(await home.ThereAsync("schedule", "trigger", "nightly", "--reason", "now", "--json"), 0);
        await home.WaitForEndAsync(run);
        Assert.Equal("small/nightly", home.Ledger.Read(db => db.Text("SELECT schedule_key FROM run WHERE run_id=?1", run)));
        Assert.Equal(["otto schedule.pause moving house", "otto schedule.resume ", "otto schedule.trigger now"], home.Audit("small/nightly").Where(l => !l.Contains("backfill", StringComparison.Ordinal)));
        var refused = await home.ThereAsync("schedule", "resume", "weekly");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("is paused by its job file", refused.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await home.ThereAsync("schedule", "trigger", "none")).ExitCode);
    }

    [Fact]
    public async Task Queue_IsPausedAndResumed()
    {
        var paused = await home.ThereAsync("queue", "pause", "gpu", "--reason", "the fan is loud", "--until", "12h", "--json");
        Assert.Equal(("paused", "otto", "the fan is loud"), (Field(paused, "state"), Field(paused, "by"), Field(paused, "reason")));
        Assert.Equal((0, "gpu: open\n"), ((await home.ThereAsync("queue", "resume", "gpu")) is var resumed ? resumed.ExitCode : -1, resumed.Output));
        Assert.Equal(["otto queue.pause the fan is loud", "otto queue.resume "], home.Audit("gpu"));
        Assert.Equal(1, (await home.ThereAsync("queue", "resume", "gpu")).ExitCode);
        Assert.Equal(2, (await home.ThereAsync("queue", "pause", "none", "--reason", "x")).ExitCode);
    }

    [Fact]
    public async Task Backfill_TellsItsTimes_AndMakesThem()
    {
        var dry = await home.ThereAsync("schedule", "backfill", "nightly", "--from", "2026-01-01", "--to", "2026-01-03", "--dry-run");
        Assert.Equal((0, "2026-01-01 03:30 +01:00  would run\n2026-01-02 03:30 +01:00  would run\n2 of 2 would run.\n"), (dry.ExitCode, dry.Output));
        var made = await home.ThereAsync("schedule", "backfill", "nightly", "--from", "2026-01-01", "--to", "2026-01-02", "--reason", "catch up", "--json");
        Assert.Equal(1, home.Ledger.Read(db => db.Number("SELECT total FROM backfill WHERE backfill_id=?1", Field(made, "backfill"))));
        Assert.Equal(2, (await home.ThereAsync("schedule", "backfill", "nightly", "--from", "soon", "--to", "2026-01-02")).ExitCode);
    }

    static string? Field(ProcessAnswer answer, string name) => JsonDocument.Parse(answer.LastLine).RootElement.GetProperty(name).GetString();

    [Fact]
    public async Task Token_OfAViewer_Looks_AndNoTokenDoesNothing()
    {
        var looks = await home.AsAsync("vera", "runs", "--json");
        Assert.Equal((0, ""), (looks.ExitCode, looks.Error));
        foreach (var line in new[] { "run jobs/small.yaml", "schedule pause weekly --reason x", "queue pause cpu --reason x", "schedule trigger weekly" })
        {
            var acts = await home.AsAsync("vera", line.Split(' '));
            Assert.Equal((1, ""), (acts.ExitCode, acts.Output));
            Assert.Contains("does not allow it: This needs the role operator, and vera has the role viewer", acts.Error, StringComparison.Ordinal);
        }

        Assert.Equal((1, $"The server {home.Address} asks who you are: put a token into WORKFLOW_TOKEN, or into a file named with --token-file.\n"), ((await home.AsAsync(null, "runs")) is var none ? none.ExitCode : 0, none.Error));
        Assert.Contains("does not know this token", (await home.AsAsync("made-up", "runs")).Error, StringComparison.Ordinal);
        Assert.Equal(0, home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM audit WHERE actor='vera'")));

        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri($"{home.Address}/api/v1/runs"), TestContext.Current.CancellationToken);
        Assert.Equal((401, "application/problem+json", "Bearer"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType, answer.Headers.WwwAuthenticate.ToString()));
    }
}
