using System.Diagnostics;
using FaultHost;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Durability.Scenarios;

/// <summary>F14: the wall clock is set forward and back while a run is at work, waits for its next try, or nothing runs: no lease ends by it, each fire time is decided once.</summary>
public sealed class ClockJumps : Scenario
{
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    static readonly (string Name, TimeSpan[] Jumps)[] Kinds =
    [
        ("an hour forward", [Hour]), ("an hour back", [-Hour]), ("a day forward", [Day]), ("a day back", [-Day]), ("an hour forward and back three times", [Hour, -Hour, Hour, -Hour, Hour, -Hour]),
        ("an hour forward, back and forward", [Hour, -Hour, Hour]), ("a day forward and back", [Day, -Day]), ("an hour back, a day forward", [-Hour, Day]),
    ];

    public override string Name => "F14";

    public override string Fault => "The wall clock set an hour or a day forward, back, and to and fro: in a run, between two tries, and at rest";

    public override string Clock => "from the last jump until everything is decided and all runs have ended";

    public override IEnumerable<Mutation> Mutations => [new("cursor-follows-clock", Jumped(Kinds[5], "at rest"))];

    public override IEnumerable<Trial> Trials(bool full) => full
        ? Kinds.SelectMany(k => new[] { "at rest", "in a run", "between two tries" }.Select(w => Jumped(k, w)))
        : [Jumped(Kinds[4], "at rest"), Jumped(Kinds[2], "in a run"), Jumped(Kinds[3], "in a run"), Jumped(Kinds[1], "between two tries")];

    static Trial Jumped((string Name, TimeSpan[] Jumps) kind, string when) => new($"{kind.Name}, {when}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var table = new Timetable(60, Timetable.Policies);
        var gate = Path.Combine(table.Scratch.Root, "gate");
        await using var served = await ServedHome.StartAsync(table.Scratch.Home, table.Options(setting.Engine) with { Backoff = TimeSpan.FromMilliseconds(200), Slots = new Dictionary<string, int> { ["cpu"] = 4 } }, SilentObserver.Instance);
        await table.DeclaredAsync(served, cancellationToken);
        var work = when == "at rest" ? null : served.RunAsync(Work(table, when, gate).Spec(), cancellationToken);
        await UnderWayAsync(table, when, cancellationToken);
        var all = new SortedSet<DateTimeOffset>();
        var seen = table.Time.GetUtcNow();
        var fired = Timetable.Policies.ToDictionary(p => p, _ => new List<DateTimeOffset>());
        Stopwatch clock = new();
        for (var i = 0; i < kind.Jumps.Length; i++)
        {
            if (setting.Mutant is not null && kind.Jumps[i] < TimeSpan.Zero)
            {
                FollowClock(table, kind.Jumps[i]);
            }

            clock.Restart();
            table.Time.Jump(kind.Jumps[i]);
            var fresh = table.Between(seen, table.Time.GetUtcNow() > seen ? table.Time.GetUtcNow() : seen);
            if (fresh.Count > 0)
            {
                seen = table.Time.GetUtcNow();
                all.UnionWith(fresh);
                fired[Misfire.Once].Add(fresh[^1]);
                fired[Misfire.All].AddRange(fresh);
                await DecidedAsync(table, fresh[^1], cancellationToken);
            }

            // Everything else goes on as well: a run from its start to its end between two jumps.
            var other = await served.RunAsync((table.Job with { Shape = "three", Schedules = [], Seed = 100 + i }).Spec(), cancellationToken).WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
            findings.Expect(other.Succeeded, $"a run after jump {i + 1} ended {other.State}");
        }

        await File.WriteAllTextAsync(gate, "", cancellationToken);
        if (work is not null)
        {
            var ended = await work.WaitAsync(TimeSpan.FromMinutes(1), cancellationToken);
            findings.Expect(ended.Succeeded, $"the run under way ended {ended.State}");
        }

        if (all.Count > 0)
        {
            await table.SettleAsync(all.Max, cancellationToken);
        }

        findings.Waits.Add(clock.Elapsed);
        await served.DisposeAsync();
        foreach (var policy in Timetable.Policies)
        {
            table.Judge(findings, policy, fired[policy], [.. all]);
        }

        using var ledger = LedgerDb.OpenRead(table.Scratch.Home.Ledger, TimeProvider.System);
        findings.Count("homes in which no attempt lost its lease", ledger.Read(db => db.Number("SELECT COUNT(*) FROM attempt WHERE state IN('lost','fenced')")) == 0);
        findings.Violations.AddRange(await Oracle.AfterAsync(table.Scratch.Home, new Dictionary<string, string>(), cancellationToken));
        Oracle.CountWork(table.Scratch.Home, findings);
        return findings;
    });

    /// <summary>A stage that works until the gate is there, or one that fails until then.</summary>
    static FakeJob Work(Timetable table, string when, string gate) => new()
    {
        Shape = "three",
        Seed = 99,
        MaxTries = 100,
        Options = new FakeOptions { Fault = when == "in a run" ? "hold" : "flaky", Gate = when == "in a run" ? gate : Path.Combine(table.Scratch.Root, "tried") },
    };

    static async Task UnderWayAsync(Timetable table, string when, CancellationToken cancellationToken)
    {
        using var ledger = LedgerDb.OpenRead(table.Scratch.Home.Ledger, TimeProvider.System);
        while (when != "at rest" && ledger.Read(db => db.Number("SELECT COUNT(*) FROM node WHERE state=?1", when == "in a run" ? "running" : "retry_wait")) == 0)
        {
            await Task.Delay(1, cancellationToken);
        }
    }

    /// <summary>Waits until every schedule has decided all up to a time.</summary>
    static async Task DecidedAsync(Timetable table, DateTimeOffset until, CancellationToken cancellationToken)
    {
        using var ledger = LedgerDb.OpenRead(table.Scratch.Home.Ledger, TimeProvider.System);
        while (ledger.Read(db => db.Number("SELECT COUNT(*) FROM schedule WHERE cursor_us>=?1", until.Micros())) < table.Job.Schedules.Count)
        {
            await Task.Delay(5, cancellationToken);
        }
    }

    /// <summary>Seeds a keeper that believes the clock: what it has decided goes back with it, and nothing else stands in the way.</summary>
    static void FollowClock(Timetable table, TimeSpan by)
    {
        using var ledger = LedgerDb.Open(table.Scratch.Home.Ledger, TimeProvider.System);
        ledger.Write(db =>
        {
            foreach (var index in db.Query("SELECT name FROM sqlite_schema WHERE type='index' AND tbl_name='run' AND sql LIKE 'CREATE UNIQUE%nominal%'", r => r.Text(0)))
            {
                db.Script($"DROP INDEX {index}");
            }

            db.Script("DELETE FROM schedule_tick");
            db.Execute("UPDATE schedule SET cursor_us=cursor_us+?1, next_us=next_us+?1, ring_us=ring_us+?1", (long)by.TotalMicroseconds);
        });
    }
}
