using System.Diagnostics;
using System.Text.Json;
using FaultHost;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs;

namespace Durability;

/// <summary>Plays faults of processes in a home of its own and says what the oracle found.</summary>
sealed class Schedule(FakeJob job, string? mutant = null, string? engine = null) : IDisposable
{
    /// <summary>Exit code of a killed process.</summary>
    public const int Killed = 128 + 9;

    readonly Scratch scratch = new();

    public HomePaths Home => scratch.Home;

    /// <summary>Where its job is written; other processes of the same home may be given it.</summary>
    public string JobFile => Path.Combine(scratch.Root, "job.json");

    /// <summary>Kills a process at each point in turn, each the successor of the one before, probing in between; then one in this process finishes.</summary>
    public async Task<List<string>> KillsAsync(IReadOnlyList<string> points, IReadOnlyDictionary<string, string> expected, CancellationToken cancellationToken)
    {
        var found = new List<string>();
        for (var i = 0; i < points.Count; i++)
        {
            await using var process = Start("go", $"{points[i]}:kill");
            if (await process.ExitAsync(cancellationToken) != Killed && i == 0)
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
    public async Task<Findings> OverlapAsync(string point, string? during, IReadOnlyDictionary<string, string> expected, CancellationToken cancellationToken)
    {
        var findings = new Findings();
        await using var stale = Start("worker", $"{point}:stop");
        await StopAsync(stale, point, cancellationToken);
        var fault = Stopwatch.StartNew();
        await using var successor = Start("worker", during is null ? null : $"{during}:stop", takeoverMillis: 150);
        if (during is null)
        {
            await successor.LineAsync(l => l.StartsWith("committed", StringComparison.Ordinal), cancellationToken);
            findings.Waits.Add(fault.Elapsed);
            await successor.ExitAsync(cancellationToken);
            stale.Wake();
        }
        else
        {
            await StopAsync(successor, during, cancellationToken);
            stale.Wake();
            await stale.LineAsync(l => l.StartsWith("failed", StringComparison.Ordinal) || l.StartsWith("committed", StringComparison.Ordinal), cancellationToken);
            successor.Wake();
            await successor.ExitAsync(cancellationToken);
        }

        await stale.ExitAsync(cancellationToken);
        findings.Count("stale writes refused", stale.Said.Split('\n').Any(l => l.StartsWith("failed", StringComparison.Ordinal) && l.EndsWith(" fenced", StringComparison.Ordinal)));
        findings.Violations.AddRange(await Oracle.AfterAsync(Home, expected, cancellationToken));
        Oracle.CountWork(Home, findings);
        return findings;
    }

    /// <summary>Starts a process in the home.</summary>
    public HostProcess Start(string verb, string? chaos, int takeoverMillis = 3_600_000, params (string Name, string Value)[] more)
    {
        if (!File.Exists(JobFile))
        {
            File.WriteAllText(JobFile, JsonSerializer.Serialize(job));
        }

        var environment = new Dictionary<string, string>
        {
            [Chaos.Variable] = chaos ?? "",
            ["FAULT_MUTANT"] = mutant ?? "",
            ["FAULT_HEARTBEAT_MS"] = "3600000",
            ["FAULT_TAKEOVER_MS"] = takeoverMillis.ToString(),
            [Engines.Variable] = engine ?? "",
        };
        foreach (var (name, value) in more)
        {
            environment[name] = value;
        }

        return HostProcess.Start([verb, Home.Root, JobFile], environment);
    }

    /// <summary>Waits until a process has stopped itself at a point that it must pass.</summary>
    /// <exception cref="InvalidOperationException">It ended without.</exception>
    public static async Task StopAsync(HostProcess process, string point, CancellationToken cancellationToken)
    {
        if (!await process.StoppedAsync(cancellationToken))
        {
            throw new InvalidOperationException($"the point {point} was never passed: {process.Said}");
        }
    }

    /// <summary>The newest run of the home; null where none was made yet.</summary>
    public string? Newest()
    {
        using var ledger = LedgerDb.Open(Home.Ledger, TimeProvider.System);
        return ledger.Runs(1) is [var newest] ? newest.RunId : null;
    }

    /// <summary>Runs the job, or resumes what is there, in this process.</summary>
    public Task<RunOutcome> FinishAsync(CancellationToken cancellationToken)
    {
        var service = new RunService(Home, Settings.Options());
        return Newest() is { } run
            ? service.ResumeAsync(run, new RunRequest("test"), SilentObserver.Instance, cancellationToken)
            : service.RunAsync(job.Spec(), new RunRequest("test"), SilentObserver.Instance, cancellationToken);
    }

    public void Dispose() => scratch.Dispose();
}
