using System.Diagnostics;
using FaultHost;
using Workflow.Ledger;
using Workflow.Runs;

namespace Durability.Scenarios;

/// <summary>F27: a run is cancelled at every labelled point, in recovery, and while its stage spins in native code; then it is resumed.</summary>
public sealed class CancelAnywhere : Scenario
{
    /// <summary>Beyond this a cancel counts as one that hangs; what it takes is measured.</summary>
    static readonly TimeSpan Hang = TimeSpan.FromSeconds(60);

    public override string Name => "F27";

    public override string Fault => "A cancel at every labelled point, in recovery, and while a stage's process spins in native code; then `resume`";

    public override string Clock => "from the acknowledged cancel to the run's end, with the sweeps (0.5 s), heartbeats (1 s) and the grace (3 s) of a served home";

    public override IEnumerable<Mutation> Mutations => [new("deaf-commit", At("publish.after:1"))];

    public override IEnumerable<Trial> Trials(bool full)
    {
        if (!full)
        {
            return [At("claim.before:2"), At("work.start:1"), At("publish.after-rename:2"), At("commit.before:3"), At("commit.inside:1"), At("checkpoint.published:1"), At("train.step:5"), Recovering("recovery.after"), Spinning(1)];
        }

        return
        [
            .. Chaos.Labels.SelectMany(l => new[] { 1, 3, 5 }.Select(n => At($"{l}:{n}"))), .. Chaos.CheckpointLabels.SelectMany(l => new[] { 1, 3 }.Select(n => At($"{l}:{n}"))),
            .. new[] { 1, 2, 4, 7, 10, 12 }.Select(n => At($"train.step:{n}")), .. Chaos.RecoveryLabels.Select(Recovering), .. Enumerable.Range(1, 5).Select(Spinning),
        ];
    }

    static Trial At(string point) => new($"cancelled at {point}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var corpus = new Scratch();
        var job = Corpus.Pipeline(corpus.Corpus);
        using var schedule = new Schedule(job, setting.Mutant, setting.Engine);
        await using (var process = schedule.Start("go", $"{point}:stop", more: Served))
        {
            await Schedule.StopAsync(process, point, cancellationToken);
            await CancelAsync(findings, schedule, process, holdsLock: point.Contains(".inside", StringComparison.Ordinal), cancellationToken);
            await process.ExitAsync(cancellationToken);
        }

        return await ResumeAsync(findings, schedule, job, cancellationToken);
    });

    /// <summary>The cancel comes while a successor puts a dead holder's run in order.</summary>
    static Trial Recovering(string label) => new($"cancelled at {label} of a successor", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var corpus = new Scratch();
        var job = Corpus.Pipeline(corpus.Corpus);
        using var schedule = new Schedule(job, setting.Mutant, setting.Engine);
        await using (var dead = schedule.Start("go", "work.start:2:kill"))
        {
            await dead.ExitAsync(cancellationToken);
        }

        await using (var process = schedule.Start("serve", $"{label}:1:stop", more: Served))
        {
            await Schedule.StopAsync(process, label, cancellationToken);
            await CancelAsync(findings, schedule, process, holdsLock: label == "recovery.inside", cancellationToken);
        }

        return await ResumeAsync(findings, schedule, job, cancellationToken);
    });

    /// <summary>The stage's process sits in native code that looks at nothing.</summary>
    static Trial Spinning(int number) => new($"cancelled while spinning in native code, {number}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var gate = new Scratch();
        var job = new FakeJob { Shape = "child-three", Seed = number, Options = new FakeOptions { Fault = "spin", Gate = Path.Combine(gate.Root, "gate") } };
        using var schedule = new Schedule(job, setting.Mutant, setting.Engine);
        await using (var process = schedule.Start("go", null, more: Served))
        {
            await process.LineAsync(l => l.EndsWith(" spinning", StringComparison.Ordinal), cancellationToken);
            var spinning = Below(process.Pid);
            await CancelAsync(findings, schedule, process, holdsLock: false, cancellationToken);
            findings.Count("native stages dead within 5 s", findings.Waits[0] < TimeSpan.FromSeconds(5));
            await process.ExitAsync(cancellationToken);
            findings.Expect(spinning.Count > 0 && spinning.TrueForAll(p => !Directory.Exists($"/proc/{p}")), "a process of the stage is still there");
        }

        await File.WriteAllTextAsync(job.Options.Gate, "", cancellationToken);
        return await ResumeAsync(findings, schedule, job, cancellationToken);
    });

    /// <summary>The processes that a process started, and those that they did.</summary>
    static List<int> Below(int pid)
    {
        var children = Directory.GetDirectories($"/proc/{pid}/task").SelectMany(t => File.ReadAllText($"{t}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse).ToList();
        return [.. children, .. children.SelectMany(Below)];
    }

    static (string, string)[] Served => [("FAULT_SWEEP_MS", "500"), ("FAULT_HEARTBEAT_MS", "1000"), ("FAULT_GRACE_MS", "3000")];

    /// <summary>Asks for the cancel, wakes the process where it is stopped, and waits for the run's end.</summary>
    static async Task CancelAsync(Findings findings, Schedule schedule, HostProcess process, bool holdsLock, CancellationToken cancellationToken)
    {
        var run = schedule.Newest()!;
        using var ledger = LedgerDb.Open(schedule.Home.Ledger, TimeProvider.System);
        var asking = Task.Run(() => RunRows.RequestCancel(ledger, run, "test", "it was to be cancelled"), cancellationToken);
        if (!holdsLock)
        {
            await asking;
        }

        var before = ledger.Read(db => db.Number("SELECT MAX(seq) FROM event"));
        process.Wake();
        var asked = await asking;
        before = holdsLock ? ledger.Read(db => db.Number("SELECT MAX(seq) FROM event")) : before;
        var clock = Stopwatch.StartNew();
        string state;
        while (!RunStates.Ended(state = ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", run))!) && clock.Elapsed < Hang)
        {
            await Task.Delay(5, cancellationToken);
        }

        findings.Waits.Add(clock.Elapsed);
        findings.Expect(state == (asked ? "cancelled" : "succeeded"), $"the run is {state} after a cancel that was {(asked ? "acknowledged" : "refused, as it had ended")}");
        // A checkpoint under way may still land: it is progress that `resume` goes on from, not a result.
        findings.Count("cancels without a commit after", ledger.Events(run, before).All(e => !asked || e.Type is not ("node.committed" or "node.reused")));
    }

    static async Task<Findings> ResumeAsync(Findings findings, Schedule schedule, FakeJob job, CancellationToken cancellationToken)
    {
        findings.Actions++;
        await schedule.FinishAsync(cancellationToken);
        var expected = await Undisturbed.OfAsync(job.Options.Fault == "spin" ? job with { Options = new FakeOptions(), Shape = "three" } : job, cancellationToken);
        findings.Violations.AddRange(await Oracle.AfterAsync(schedule.Home, job.Options.Fault == "spin" ? expected.ToDictionary(e => "child-" + e.Key, e => e.Value, StringComparer.Ordinal) : expected, cancellationToken));
        Oracle.CountWork(schedule.Home, findings);
        return findings;
    }
}
