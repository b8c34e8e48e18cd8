using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>One undisturbed run of jobs/tiny.yaml, shared by the tests: what it published and how long it took.</summary>
sealed class TinyRun
{
    public required HomeFolder Home { get; init; }

    /// <summary>The last line of `run --json`.</summary>
    public required JsonNode Result { get; init; }

    /// <summary>Hashes by `stage.slot`, the report left out (it may hold times).</summary>
    public required SortedDictionary<string, string> Artifacts { get; init; }

    /// <summary>How long it took: the range in which random kills fall.</summary>
    public required TimeSpan Duration { get; init; }

    public static async Task<TinyRun> MakeAsync()
    {
        var home = new HomeFolder();
        var clock = Stopwatch.StartNew();
        var run = await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", home.Path, "--json");
        var duration = clock.Elapsed;
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);
        return new TinyRun { Home = home, Result = run.Json, Artifacts = await ArtifactsOfAsync(home.Path, (string)run.Json["run"]!), Duration = duration };
    }

    internal static async Task<SortedDictionary<string, string>> ArtifactsOfAsync(string home, string run)
    {
        var show = await WorkflowProgram.RunAsync("show", run, "--home", home, "--json");
        Assert.True(show.ExitCode == 0, show.Errors + show.Output);
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (stage, node) in show.Json["stages"]!.AsObject())
        {
            foreach (var (slot, hash) in node!["artifacts"]!.AsObject().Where(_ => stage != "report"))
            {
                all.Add($"{stage}.{slot}", (string)hash!);
            }
        }

        return all;
    }
}
