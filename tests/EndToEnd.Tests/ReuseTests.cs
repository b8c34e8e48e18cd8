using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>What runs again and what does not, and whether the program can say why.</summary>
public sealed class ReuseTests(SharedRuns shared)
{
    [Fact]
    public async Task SecondRun_ReusesEveryStage_AndGivesTheSameArtifacts()
    {
        var undisturbed = await shared.Tiny;
        using var home = await undisturbed.Home.CopyAsync();
        var again = await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", home.Path, "--json");
        Assert.True(again.ExitCode == 0, again.Errors);
        var run = (string)again.Json["run"]!;
        Assert.NotEqual((string)undisturbed.Result["run"]!, run);
        Assert.All(await StatesAsync(home, run), s => Assert.Equal("reused", s.Value));
        Assert.Equal(undisturbed.Artifacts, await TinyRun.ArtifactsOfAsync(home.Path, run));
        Assert.True(JsonNode.DeepEquals(undisturbed.Result["scores"], again.Json["scores"]));
    }

    [Fact]
    public async Task Report_OpensInABrowser_FromItsPath()
    {
        var browser = new[] { Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome" }.FirstOrDefault(File.Exists);
        Assert.SkipWhen(browser is null, "needs a browser (apt-get install chromium)");
        var undisturbed = await shared.Tiny;
        var report = Path.Combine(undisturbed.Home.Path, "runs", (string)undisturbed.Result["run"]!, "report", "report", "report.html");
        using var profile = new HomeFolder();
        var start = new ProcessStartInfo(browser!, ["--headless", "--no-sandbox", "--disable-gpu", $"--user-data-dir={profile.Path}", "--dump-dom", $"file://{report}"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (page, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        // Taken for text, the page's tags would be shown instead of followed.
        Assert.Contains("<h1>Household guides</h1>", await page, StringComparison.Ordinal);
        await errors;
    }

    [Fact]
    public async Task OneChangedOption_RunsItsStageAndWhatReadsIt_AndWhyNamesIt()
    {
        using var home = await (await shared.Tiny).Home.CopyAsync();
        var changed = await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", home.Path, "--json", "--set", "stages.train.with.training.loss.temperature=0.07");
        Assert.True(changed.ExitCode == 0, changed.Errors);
        var run = (string)changed.Json["run"]!;
        var states = await StatesAsync(home, run);
        Assert.Equal(["report", "scores", "train"], states.Where(s => s.Value == "succeeded").Select(s => s.Key).Order(StringComparer.Ordinal));
        var why = await WorkflowProgram.RunAsync("why", run, "train", "--home", home.Path);
        Assert.True(why.ExitCode == 0, why.Errors);
        Assert.Contains("temperature", why.Output);
        Assert.Contains("0.07", why.Output);
    }

    [Fact]
    public async Task OneChangedRow_ReadsItsFileAgain_AndWhyNamesTheFile()
    {
        using var home = await (await shared.Tiny).Home.CopyAsync();
        using var folder = new HomeFolder();
        var (from, jobs) = (Path.Combine(WorkflowProgram.Root, "jobs"), Path.Combine(folder.Path, "jobs"));
        Directory.CreateDirectory(Path.Combine(jobs, "tiny"));
        foreach (var file in Directory.GetFiles(Path.Combine(from, "tiny"), "*.jsonl").Append(Path.Combine(from, "tiny.yaml")))
        {
            File.Copy(file, Path.Combine(jobs, Path.GetRelativePath(from, file)));
        }

        var changedFile = Path.Combine(jobs, "tiny", "guides-2.jsonl");
        await File.WriteAllTextAsync(changedFile, (await File.ReadAllTextAsync(changedFile)).Replace("Never force it.", "Never ever force it.", StringComparison.Ordinal));
        var second = await WorkflowProgram.RunInAsync(folder.Path, "run", "jobs/tiny.yaml", "--home", home.Path, "--json");
        Assert.True(second.ExitCode == 0, second.Errors);
        var run = (string)second.Json["run"]!;
        var nodes = await Sqlite3.QueryAsync(home.Path, $"SELECT node_id,state FROM node WHERE run_id='{run}' AND stage='documents' AND partition_key<>'' ORDER BY node_id");
        Assert.Equal(["reused", "succeeded", "reused"], nodes.Select(n => n.Split('|')[1]));
        var why = await WorkflowProgram.RunAsync("why", run, "documents", "--home", home.Path);
        Assert.Contains("guides-2.jsonl", why.Output);
    }

    static async Task<SortedDictionary<string, string>> StatesAsync(HomeFolder home, string run)
    {
        var show = await WorkflowProgram.RunAsync("show", run, "--home", home.Path, "--json");
        Assert.True(show.ExitCode == 0, show.Errors);
        return new SortedDictionary<string, string>(show.Json["stages"]!.AsObject().ToDictionary(s => s.Key, s => (string)s.Value!["state"]!), StringComparer.Ordinal);
    }
}
