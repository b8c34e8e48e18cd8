using System.Diagnostics;
using FaultHost;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Durability.Scenarios;

/// <summary>F17: the engine's rings come ten times, or by half, or in another order, or when all is done.</summary>
public sealed class WrongRings : Scenario
{
    const int Runs = 4;
    const int Hours = 3;

    static readonly (string Name, RingFaults Faults)[] Kinds =
    [
        ("ten times", new(Copies: 10)), ("half dropped", new(Dropped: 0.5)), ("all dropped", new(Dropped: 1)), ("shuffled", new(Held: 8)), ("ten times, half dropped, shuffled", new(10, 0.5, 40)),
    ];

    public override string Name => "F17";

    public override string Fault => "Rings duplicated ten times, dropped by half or all, shuffled, and rung again after success, for several runs at once and three fire times of a schedule";

    public override string Clock => "from asking for the runs to the end of the last, a schedule's among them";

    public override IEnumerable<Mutation> Mutations => [new("no-sweep", Rung(Kinds[2], 1))];

    public override IEnumerable<Trial> Trials(bool full) => Kinds.SelectMany(k => Enumerable.Range(1, full ? 10 : 1).Select(seed => Rung(k, seed)));

    static Trial Rung((string Name, RingFaults Faults) kind, int seed) => new($"rings {kind.Name}, seed {seed}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var table = new Timetable(60, Misfire.All);
        var scratch = table.Scratch;
        var job = Corpus.Pipeline(scratch.Corpus);
        FaultyEngine? engine = null;
        var options = table.Options(setting.Engine, sweepMillis: setting.Mutant == "no-sweep" ? 3_600_000 : 20);
        var make = options.Engine;
        options = options with { Engine = (paths, time) => engine = new FaultyEngine(make(paths, time), kind.Faults, seed), Slots = new Dictionary<string, int> { ["cpu"] = 3, ["gpu"] = 1 } };
        await using var served = await ServedHome.StartAsync(scratch.Home, options, SilentObserver.Instance);
        await table.DeclaredAsync(served, cancellationToken);
        var before = table.Time.GetUtcNow();
        var clock = Stopwatch.StartNew();
        var jobs = Enumerable.Range(0, Runs).Select(i => job with { Seed = i }).ToList();
        var asked = jobs.Select(j => served.RunAsync(j.Spec(), cancellationToken)).ToList();
        table.Time.Jump(TimeSpan.FromHours(Hours));
        var rung = RingAsync(asked, cancellationToken);
        var ended = await Task.WhenAll(asked);
        var due = table.Between(before, table.Time.GetUtcNow());
        await table.SettleAsync(due[^1], cancellationToken);
        findings.Waits.Add(clock.Elapsed);
        await rung;
        await RingAllAsync();
        await served.DisposeAsync();
        using var ledger = LedgerDb.OpenRead(scratch.Home.Ledger, TimeProvider.System);
        for (var i = 0; i < Runs; i++)
        {
            findings.Expect(ended[i].Succeeded, $"run {i} ended {ended[i].State}");
            var expected = await Undisturbed.OfAsync(jobs[i], cancellationToken);
            findings.Expect(expected.ToHashSet().SetEquals(Oracle.Outputs(ledger, ended[i].RunId)), $"run {i} published other bytes");
        }

        table.Judge(findings, Misfire.All, due, due);
        findings.Expect(ledger.Runs().Count == Runs + due.Count, $"{ledger.Runs().Count} runs were made of {Runs + due.Count}");
        findings.Expect(engine!.Taken > 0, "no ring came: nothing was tried");
        findings.Violations.AddRange(await Oracle.AfterAsync(scratch.Home, new Dictionary<string, string>(), cancellationToken));
        Oracle.CountWork(scratch.Home, findings);
        findings.Violations.AddRange(ledger.Read(db => db.Query("SELECT node_id, epoch, state, exit_kind, error_text FROM attempt WHERE state<>'committed'",
            r => $"attempt {r.Number(1)} of {r.Text(0)} too many: {r.Text(2)}, {r.TextOrNull(3)}, {r.TextOrNull(4)}")));
        return findings;

        async Task RingAsync(IReadOnlyList<Task> running, CancellationToken token)
        {
            while (!running.All(r => r.IsCompleted))
            {
                await RingAllAsync();
                await Task.Delay(5, token);
            }
        }

        // Rings for every run there is, in whatever state, for one that is not, and for the schedule.
        async Task RingAllAsync()
        {
            if (engine is null || !File.Exists(scratch.Home.Ledger))
            {
                return;
            }

            using var read = LedgerDb.OpenRead(scratch.Home.Ledger, TimeProvider.System);
            foreach (var run in read.Runs().Select(r => r.RunId).Append("no-such-run").Append("three/all"))
            {
                await engine.EnqueueAsync(run, cancellationToken);
                await engine.CancelAsync(run, cancellationToken);
                await engine.ScheduleAsync(run, DateTimeOffset.UnixEpoch, cancellationToken);
            }
        }
    });
}
