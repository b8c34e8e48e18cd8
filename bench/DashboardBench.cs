using System.Diagnostics;
using Workflow.Artifacts;
using Workflow.Ledger;

namespace Bench;

/// <summary>The dashboard over years of history: makes such a home, and asks it for every page.</summary>
static class DashboardBench
{
    /// <summary>Makes the home that <c>--home</c> names, where it has no ledger yet.</summary>
    public static Task GenerateAsync(Arguments arguments)
    {
        var paths = new HomePaths(arguments.Text("home", Path.Combine(Path.GetTempPath(), "bench-dashboard")));
        if (File.Exists(paths.Ledger))
        {
            Console.WriteLine($"  {paths.Ledger} is there: {new FileInfo(paths.Ledger).Length >> 20:N0} MiB");
            return Task.CompletedTask;
        }

        var start = Stopwatch.GetTimestamp();
        using var ledger = LedgerDb.Open(paths.Ledger, TimeProvider.System);
        var volume = new DashboardVolume(arguments.Number("attempts", 1_000_000), arguments.Number("partitions", 100_000), arguments.Number("points", 10_000_000), arguments.Number("seed", 7));
        new DashboardHome(ledger, volume, TimeProvider.System.Micros()).Fill(Console.WriteLine);
        var (attempts, nodes, points, events) = ledger.Read(db => (db.Number("SELECT COUNT(*) FROM attempt"), db.Number("SELECT COUNT(*) FROM node"), db.Number("SELECT COUNT(*) FROM metric_point"), db.Number("SELECT COUNT(*) FROM event")));
        Console.WriteLine($"  {attempts:N0} attempts of {nodes:N0} nodes in {volume.Runs:N0} runs, {points:N0} metric points, {events:N0} events; {new FileInfo(paths.Ledger).Length >> 20:N0} MiB in {Stopwatch.GetElapsedTime(start).TotalSeconds:N0} s");
        return Task.CompletedTask;
    }
}
