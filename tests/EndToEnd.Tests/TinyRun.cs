using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace EndToEnd.Tests;

/// <summary>One undisturbed run of jobs/tiny.yaml, shared by the tests: what it published and how long it took.</summary>
public sealed class TinyRun : IAsyncLifetime
{
    internal HomeFolder Home { get; } = new();

    /// <summary>The last line of `run --json`.</summary>
    public JsonNode Result { get; private set; } = null!;

    /// <summary>Hashes by `stage.slot`, the report left out (it may hold times).</summary>
    public SortedDictionary<string, string> Artifacts { get; private set; } = null!;

    /// <summary>How long it took: the range in which random kills fall.</summary>
    public TimeSpan Duration { get; private set; }

    public async ValueTask InitializeAsync()
    {
        var clock = Stopwatch.StartNew();
        var run = await WorkflowProgram.RunAsync("run", "jobs/tiny.yaml", "--home", Home.Path, "--json");
        Duration = clock.Elapsed;
        Assert.True(run.ExitCode == 0, run.Errors + run.Output);
        Result = run.Json;
        Artifacts = await ArtifactsOfAsync(Home.Path, (string)Result["run"]!);
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

    public ValueTask DisposeAsync()
    {
        Home.Dispose();
        return ValueTask.CompletedTask;
    }
}
