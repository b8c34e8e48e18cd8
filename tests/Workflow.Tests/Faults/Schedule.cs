using System.Text.Json;
using Xunit;
using FaultHost;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Tests.Faults;

/// <summary>Runs one schedule of faults in a home of its own and says what the oracle found.</summary>
sealed class Schedule(FakeJob job, string? mutant = null) : IDisposable
{
    readonly TestHome home = new();

    public HomePaths Home => home.Paths;

    string JobFile => Path.Combine(home.Root, "job.json");

    /// <summary>Artifact ids of a run that nothing disturbs.</summary>
    public static async Task<Dictionary<string, string>> UndisturbedAsync(FakeJob job, CancellationToken cancellationToken)
    {
        using var home = new TestHome();
        var outcome = await new RunService(home.Paths, Settings.Options()).RunAsync(job.Spec(), new RunRequest("test"), SilentObserver.Instance, cancellationToken);
        Assert.Equal("succeeded", outcome.State);
        using var ledger = LedgerDb.OpenRead(home.Paths.Ledger, TimeProvider.System);
        return Oracle.Outputs(ledger, outcome.RunId);
    }

    /// <summary>Kills a process at each point in turn, each the successor of the one before, probing in between; then one in this process finishes.</summary>
    public async Task<List<string>> KillsAsync(IReadOnlyList<string> points, IReadOnlyDictionary<string, string> expected, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        for (var i = 0; i < points.Count; i++)
        {
            await using var process = Start("go", $"{points[i]}:kill");
            const int killed = 128 + 9;
            if (await process.ExitAsync(cancellationToken) != killed && i == 0)
            {
                found.Add($"the point {points[i]} was never passed: {process.Said}");
            }

            found.AddRange(Oracle.Between(Home));
        }

        await FinishAsync(cancellationToken);
        found.AddRange(await Oracle.AfterAsync(Home, expected, cancellationToken));
        return found;
    }

    /// <summary>A worker is stopped at a point and taken over; it wakes when the successor has finished, or, where <paramref name="during"/> is given, while the successor stands there.</summary>
    public async Task<List<string>> OverlapAsync(string point, string? during, IReadOnlyDictionary<string, string> expected, CancellationToken cancellationToken)
    {
        await using var stale = Start("worker", $"{point}:stop");
        Assert.True(await stale.StoppedAsync(cancellationToken), stale.Said);
        await using var successor = Start("worker", during is null ? null : $"{during}:stop", takeoverMillis: 150);
        if (during is null)
        {
            await successor.ExitAsync(cancellationToken);
            stale.Wake();
        }
        else
        {
            Assert.True(await successor.StoppedAsync(cancellationToken), successor.Said);
            stale.Wake();
            await stale.LineAsync(l => l.StartsWith("failed", StringComparison.Ordinal) || l.StartsWith("committed", StringComparison.Ordinal), cancellationToken);
            successor.Wake();
            await successor.ExitAsync(cancellationToken);
        }

        await stale.ExitAsync(cancellationToken);
        return await Oracle.AfterAsync(Home, expected, cancellationToken);
    }

    /// <summary>Starts a process in the home.</summary>
    public HostProcess Start(string verb, string? chaos, int takeoverMillis = 3_600_000)
    {
        if (!File.Exists(JobFile))
        {
            File.WriteAllText(JobFile, JsonSerializer.Serialize(job));
        }

        return HostProcess.Start([verb, home.Root, JobFile], new Dictionary<string, string>
        {
            [Chaos.Variable] = chaos ?? "",
            ["FAULT_MUTANT"] = mutant ?? "",
            ["FAULT_HEARTBEAT_MS"] = "3600000",
            ["FAULT_TAKEOVER_MS"] = takeoverMillis.ToString(),
        });
    }

    async Task FinishAsync(CancellationToken cancellationToken)
    {
        var service = new RunService(Home, Settings.Options());
        var run = "";
        using (var ledger = LedgerDb.Open(Home.Ledger, TimeProvider.System))
        {
            run = ledger.Runs(1) is [var newest] ? newest.RunId : "";
        }

        if (run.Length == 0)
        {
            await service.RunAsync(job.Spec(), new RunRequest("test"), SilentObserver.Instance, cancellationToken);
        }
        else
        {
            await service.ResumeAsync(run, new RunRequest("test"), SilentObserver.Instance, cancellationToken);
        }
    }

    public void Dispose() => home.Dispose();
}
