using FaultHost;
using Workflow.Ledger;

namespace Durability.Scenarios;

/// <summary>F19: a second instance on a home that one holds, alive, stopped or dying, and several that start together.</summary>
public sealed class TwoInstances : Scenario
{
    static readonly FakeJob Three = new() { Shape = "three" };
    static readonly string[] Points = ["claim.before", "claim.after", "work.start", "seal.after", "publish.after-rename", "commit.before", "commit.inside", "commit.after"];

    public override string Name => "F19";

    public override string Fault => "Two instances on one home: a second one beside a holder at work or stopped, several started at once, one started as the holder dies";

    public override string Clock => "from the holder's death to its successor's first commit, its start included";

    public override IEnumerable<Mutation> Mutations => [new("no-lock", Beside("commit.after", "go", served: true))];

    public override IEnumerable<Trial> Trials(bool full) => full
        ? [.. Points.SelectMany(p => new[] { Beside(p, "serve", true), Beside(p, "serve", false), Beside(p, "go", false), Dying(p) }), .. Enumerable.Range(2, 5).Select(Together)]
        : [Beside("work.start", "serve", true), Beside("commit.inside", "go", false), Dying("publish.after-rename"), Together(3)];

    static Trial Beside(string point, string verb, bool served) => new($"`{(verb == "go" ? "run" : verb)}` beside a {(served ? "serve" : "run")} stopped at {point}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var schedule = new Schedule(Three, setting.Mutant, setting.Engine);
        (string, string)[] alone = served ? [] : [(FaultHost.Engines.Variable, "")];
        await using var first = schedule.Start("go", $"{point}:1:stop", more: alone);
        await Schedule.StopAsync(first, point, cancellationToken);
        var before = Workers(schedule);
        await using (var second = schedule.Start(verb, null, more: verb == "go" ? alone : []))
        {
            await RefusedAsync(findings, second, first.Pid, schedule.Home.Root, cancellationToken);
        }

        findings.Expect(Workers(schedule) == before, "the refused instance wrote to the ledger");
        first.Wake();
        findings.Expect(await first.ExitAsync(cancellationToken) == 0, $"the holder did not finish: {first.Said}");
        return await JudgeAsync(schedule, findings, cancellationToken);
    });

    static Trial Together(int count) => new($"{count} instances started together", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var schedule = new Schedule(Three, setting.Mutant, setting.Engine);
        var all = Enumerable.Range(0, count).Select(_ => schedule.Start("go", "work.start:1:stop")).ToList();
        try
        {
            // One gets as far as its work and stops there; the others must have ended by themselves.
            var stopped = await Task.WhenAll(all.Select(p => p.StoppedAsync(cancellationToken)));
            findings.Expect(stopped.Count(s => s) == 1, $"{stopped.Count(s => s)} instances work in one home");
            var winner = all[Array.IndexOf(stopped, true)];
            foreach (var loser in all.Where(p => p != winner))
            {
                loser.Wake();
                await RefusedAsync(findings, loser, winner.Pid, schedule.Home.Root, cancellationToken);
            }

            winner.Wake();
            findings.Expect(await winner.ExitAsync(cancellationToken) == 0, $"the holder did not finish: {winner.Said}");
            return await JudgeAsync(schedule, findings, cancellationToken);
        }
        finally
        {
            foreach (var process in all)
            {
                await process.DisposeAsync();
            }
        }
    });

    static Trial Dying(string point) => new($"a successor started as the holder is killed at {point}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var schedule = new Schedule(Three, setting.Mutant, setting.Engine);
        await using var first = schedule.Start("go", $"{point}:1:stop");
        await Schedule.StopAsync(first, point, cancellationToken);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await using var second = schedule.Start("go", null);
        first.Signal(Workflow.Native.Libc.SigKill);
        if (await second.LineOrEndAsync(l => l.StartsWith("committed", StringComparison.Ordinal), cancellationToken) is not null)
        {
            findings.Waits.Add(clock.Elapsed);
        }

        findings.Expect(await second.ExitAsync(cancellationToken) == 0, $"the successor did not finish: {second.Said}");
        return await JudgeAsync(schedule, findings, cancellationToken);
    });

    static async Task RefusedAsync(Findings findings, HostProcess second, int holder, string home, CancellationToken cancellationToken)
    {
        var code = await second.ExitAsync(cancellationToken);
        findings.Count("second instances refused by name", code == 1 && second.Said.Contains($"pid {holder}", StringComparison.Ordinal) && second.Said.Contains(home, StringComparison.Ordinal)
            && second.Said.Contains("is using the home", StringComparison.Ordinal));
    }

    static async Task<Findings> JudgeAsync(Schedule schedule, Findings findings, CancellationToken cancellationToken)
    {
        findings.Violations.AddRange(await Oracle.AfterAsync(schedule.Home, await Undisturbed.OfAsync(Three, cancellationToken), cancellationToken));
        Oracle.CountWork(schedule.Home, findings);
        return findings;
    }

    static long Workers(Schedule schedule)
    {
        using var ledger = LedgerDb.OpenRead(schedule.Home.Ledger, TimeProvider.System);
        return ledger.Read(db => db.Number("SELECT COUNT(*) FROM worker") + db.Number("SELECT COUNT(*) FROM run"));
    }
}
