using System.Diagnostics;
using FaultHost;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Durability.Scenarios;

/// <summary>F16: nobody serves while fire times pass: each misfire policy makes exactly its runs, and lists what it missed.</summary>
public sealed class SchedulerDown : Scenario
{
    public override string Name => "F16";

    public override string Fault => "The scheduler down across 1, 50 and 10,000 fire times, for each misfire policy";

    public override string Clock => "from the start of the next serve until everything is decided and all runs have ended";

    public override IEnumerable<Mutation> Mutations => [new("silent-miss", Down(Misfire.Skip, 50)), new("extra-miss", Down(Misfire.Once, 1))];

    public override IEnumerable<Trial> Trials(bool full) => Timetable.Policies.SelectMany(p => new[] { 1, 50, 10_000 }.Where(n => full || n < 10_000 || p != Misfire.All).Select(n => Down(p, n)));

    static Trial Down(Misfire policy, int times) => new($"{times} fire times passed, misfire {Timetable.Name(policy)}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var table = new Timetable(5, policy);
        await using (var first = await ServedHome.StartAsync(table.Scratch.Home, table.Options(setting.Engine), SilentObserver.Instance))
        {
            await table.DeclaredAsync(first, cancellationToken);
        }

        Seed(table, setting.Mutant);
        var before = table.Time.GetUtcNow();
        table.Time.Jump(TimeSpan.FromMinutes(5 * times));
        var all = table.Between(before, table.Time.GetUtcNow());
        findings.Expect(all.Count == times, $"{all.Count} fire times passed: nothing was tried");
        var clock = Stopwatch.StartNew();
        await using (var second = await ServedHome.StartAsync(table.Scratch.Home, table.Options(setting.Engine), SilentObserver.Instance))
        {
            await table.SettleAsync(all[^1], cancellationToken);
        }

        findings.Waits.Add(clock.Elapsed);
        table.Judge(findings, policy, policy switch { Misfire.Skip => [], Misfire.Once => [all[^1]], _ => all }, all);
        if (policy != Misfire.Skip)
        {
            findings.Violations.AddRange(await Oracle.AfterAsync(table.Scratch.Home, await Undisturbed.OfAsync(table.Job with { Schedules = [] }, cancellationToken), cancellationToken));
        }

        Oracle.CountWork(table.Scratch.Home, findings);
        return findings;
    });

    /// <summary>Bugs in the ledger's own language: a miss that is not listed; a miss that was none.</summary>
    static void Seed(Timetable table, string? mutant)
    {
        if (mutant is null)
        {
            return;
        }

        using var ledger = LedgerDb.Open(table.Scratch.Home.Ledger, TimeProvider.System);
        ledger.Write(db => db.Script(mutant == "silent-miss"
            ? "CREATE TRIGGER mutant BEFORE INSERT ON schedule_tick WHEN NEW.outcome='missed' BEGIN SELECT RAISE(IGNORE); END"
            : "CREATE TRIGGER mutant BEFORE UPDATE OF cursor_us ON schedule WHEN NEW.cursor_us>OLD.cursor_us BEGIN INSERT INTO schedule_tick(schedule_key, kind, nominal_us, outcome, decided_us, reason) VALUES (OLD.schedule_key, 'manual', 0, 'missed', 0, 'mutant'); END"));
    }
}
