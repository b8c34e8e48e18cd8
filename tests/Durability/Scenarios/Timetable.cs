using System.Text.Json;
using FaultHost;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Durability.Scenarios;

/// <summary>A home with one schedule for each misfire policy, all at every so many minutes, and what became of their fire times.</summary>
sealed class Timetable : IDisposable
{
    /// <summary>The schedules by their misfire policies.</summary>
    public static IReadOnlyList<Misfire> Policies { get; } = [Misfire.Skip, Misfire.Once, Misfire.All];

    readonly int minutes;

    /// <param name="minutes">Minutes between fire times; a divisor of 60.</param>
    /// <param name="policies">The policies to have a schedule of.</param>
    public Timetable(int minutes, params IReadOnlyList<Misfire> policies)
    {
        this.minutes = minutes;
        Job = new FakeJob
        {
            Shape = "three",
            Schedules = policies.ToDictionary(p => Name(p), p => new ScheduleSpec { Name = Name(p), Cron = minutes == 60 ? "0 * * * *" : $"*/{minutes} * * * *", Misfire = p, Overlap = Overlap.Allow }, StringComparer.Ordinal),
        };
        Directory.CreateDirectory(Jobs);
        File.WriteAllText(Path.Combine(Jobs, "job.yaml"), JsonSerializer.Serialize(Job));
    }

    public Scratch Scratch { get; } = new();

    /// <summary>Half past midnight: half an hour, or what is left of the step, after the last fire time.</summary>
    public ShiftedTime Time { get; } = new(new DateTimeOffset(2026, 3, 10, 0, 30, 0, TimeSpan.Zero) + TimeSpan.FromMinutes(4));

    public FakeJob Job { get; }

    string Jobs => Path.Combine(Scratch.Root, "jobs");

    public static string Name(Misfire policy) => policy.ToString().ToLowerInvariant();

    /// <summary>Options of a process that serves it.</summary>
    public HostOptions Options(string engine, int sweepMillis = 20) => Settings.Options(engine: engine, heartbeatMillis: 50, takeoverMillis: 2000, sweepMillis: sweepMillis) with { Time = Time, ServedJobs = [Jobs] };

    /// <summary>Fire times after the first instant and up to the second, by arithmetic alone.</summary>
    public List<DateTimeOffset> Between(DateTimeOffset after, DateTimeOffset until)
    {
        var step = TimeSpan.FromMinutes(minutes).Ticks;
        return [.. Enumerable.Range(1, (int)((until.Ticks / step) - (after.Ticks / step))).Select(i => new DateTimeOffset((after.Ticks / step + i) * step, TimeSpan.Zero))];
    }

    /// <summary>Waits until every schedule has decided all up to a time, and no run is left to do.</summary>
    public async Task SettleAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        using var ledger = LedgerDb.OpenRead(Scratch.Home.Ledger, TimeProvider.System);
        while (ledger.Read(db => db.Number("SELECT COUNT(*) FROM schedule WHERE cursor_us>=?1", until.Micros()) < Job.Schedules.Count
            || db.Number("SELECT COUNT(*) FROM run WHERE state IN('queued','running','interrupted')") > 0))
        {
            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>Waits until the schedules are declared, in a home that may only just be made.</summary>
    public async Task DeclaredAsync(ServedHome served, CancellationToken cancellationToken)
    {
        using var ledger = LedgerDb.Open(Scratch.Home.Ledger, TimeProvider.System);
        while (ledger.Read(db => db.Number("SELECT COUNT(*) FROM schedule")) < Job.Schedules.Count)
        {
            if (served.Serving.IsCompleted)
            {
                await served.Serving;
            }

            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>Whether a schedule's runs are those of exactly these nominal times, one each, and its misses those of exactly the others, each with a reason.</summary>
    public void Judge(Findings findings, Misfire policy, IReadOnlyList<DateTimeOffset> fired, IReadOnlyList<DateTimeOffset> all)
    {
        using var ledger = LedgerDb.OpenRead(Scratch.Home.Ledger, TimeProvider.System);
        var key = $"{Job.Shape}/{Name(policy)}";
        var runs = ledger.Read(db => db.Query("SELECT nominal_start_us FROM run WHERE schedule_key=?1 ORDER BY 1", r => LedgerTime.FromMicros(r.Number(0)), key));
        findings.Count("fire times that made exactly the runs of the policy", runs.SequenceEqual(fired));
        findings.Expect(runs.SequenceEqual(fired), $"{Name(policy)}: {runs.Count} runs, {fired.Count} expected; {runs.Count - runs.Distinct().Count()} of them twice");
        var missed = ledger.Read(db => db.Number("SELECT COALESCE(SUM(count), 0) FROM schedule_tick WHERE schedule_key=?1 AND outcome='missed' AND reason IS NOT NULL", key));
        findings.Expect(missed == all.Count - fired.Count, $"{Name(policy)}: {missed} misses told with their reason, {all.Count - fired.Count} expected");
    }

    public void Dispose() => Scratch.Dispose();
}
