using System.Diagnostics;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Durability.Scenarios;

/// <summary>F18: the process dies and the engine's store is gone, or is rubbish, when the next one starts: the ledger knows the runs, the job files the schedules.</summary>
public sealed class LostEngineStore : Scenario
{
    static readonly string[] Points = ["claim.before", "claim.after", "work.start", "publish.after-rename", "commit.inside", "commit.after"];

    static readonly string[] Kinds = ["kept", "deleted", "emptied", "cut in half", "overwritten with noise", "a page overwritten", "its log deleted", "its log overwritten"];

    public override string Name => "F18";

    public override string Fault => "The engine's store deleted, emptied, cut or overwritten after a kill (of Inline: its memory), with a run under way and a schedule set";

    public override string Clock => "from the start of the next serve to the next commit";

    public override IEnumerable<Mutation> Mutations => [new("left-alone", Lost("work.start", "deleted"))];

    public override IEnumerable<Trial> Trials(bool full) => full
        ? Points.SelectMany(p => Kinds.Select(k => Lost(p, k)))
        : [Lost("claim.after", "deleted"), Lost("commit.inside", "overwritten with noise"), Lost("commit.after", "a page overwritten"), Lost("work.start", "its log overwritten")];

    public override IEnumerable<Trial> TrialsOn(string engine, bool full) => engine == "inline" ? Points.Where(p => full || p.StartsWith('c')).Select(p => Lost(p, "kept")) : Trials(full);

    static Trial Lost(string point, string kind) => new($"killed at {point}, store {kind}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var corpus = new Scratch();
        using var table = new Timetable(60, Misfire.Once);
        var job = Corpus.Pipeline(corpus.Corpus);
        using var schedule = new Schedule(job, engine: setting.Engine);
        (string, string)[] jobs = [("FAULT_JOBS", Path.Combine(table.Scratch.Root, "jobs"))];
        await using (var first = schedule.Start("go", $"{point}:3:kill", more: jobs))
        {
            findings.Expect(await first.ExitAsync(cancellationToken) == Schedule.Killed, $"the point {point} was never passed: {first.Said}");
        }

        findings.Violations.AddRange(Oracle.Between(schedule.Home));
        Damage(schedule.Home.Engine, kind);
        var run = schedule.Newest()!;
        using var ledger = LedgerDb.OpenRead(schedule.Home.Ledger, TimeProvider.System);
        var before = ledger.Read(db => db.Number("SELECT MAX(seq) FROM event"));
        var clock = Stopwatch.StartNew();
        await using (var second = setting.Mutant == "left-alone" ? null : schedule.Start("serve", null, more: jobs))
        {
            while (!ledger.Events(run, before).Any(e => e.Type == "node.committed") && !RunStates.Ended(State(ledger, run)))
            {
                await Task.Delay(5, cancellationToken);
            }

            findings.Waits.Add(clock.Elapsed);
            while (!RunStates.Ended(State(ledger, run)))
            {
                await Task.Delay(5, cancellationToken);
            }

            if (setting.Engine == "quartz")
            {
                findings.Count("alarms declared again", await AlarmsAsync(schedule.Home.Engine, cancellationToken) == "1");
            }
        }

        findings.Violations.AddRange(await Oracle.AfterAsync(schedule.Home, await Undisturbed.OfAsync(job, cancellationToken), cancellationToken));
        Oracle.CountWork(schedule.Home, findings);
        return findings;
    });

    static string State(LedgerDb ledger, string run) => ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", run))!;

    /// <summary>How many alarms the store holds, asked until it holds some.</summary>
    static async Task<string> AlarmsAsync(string store, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await SqliteShell.RunAsync(store, "SELECT COUNT(*) FROM QRTZ_TRIGGERS WHERE TRIGGER_GROUP='alarm'", cancellationToken) is not "0" and var count)
                {
                    return count;
                }
            }
            catch (InvalidOperationException)
            {
                // Not made yet.
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    static void Damage(string store, string kind)
    {
        const int page = 4096;
        var noise = new byte[3 * page];
        new Random(18).NextBytes(noise);
        var log = store + "-wal";
        switch (kind)
        {
            case "deleted":
                File.Delete(store);
                File.Delete(log);
                break;
            case "emptied":
                File.WriteAllBytes(store, []);
                break;
            case "cut in half":
                File.WriteAllBytes(store, File.ReadAllBytes(store)[..((int)new FileInfo(store).Length / 2)]);
                break;
            case "overwritten with noise":
                File.WriteAllBytes(store, noise);
                break;
            case "a page overwritten":
                using (var stream = File.OpenWrite(store))
                {
                    stream.Position = Math.Min(page, stream.Length);
                    stream.Write(noise.AsSpan(0, page));
                }

                break;
            case "its log deleted":
                File.Delete(log);
                break;
            case "its log overwritten" when File.Exists(log):
                File.WriteAllBytes(log, noise);
                break;
        }
    }
}
