using System.Diagnostics;
using System.Text.Json;
using FaultHost;
using Workflow.Ledger;
using Workflow.Runs;

namespace Durability.Scenarios;

/// <summary>F9: the disk is full at the k-th page that is written, whoever writes it: a stage, the store, the ledger or its log, the engine's store, the lock.</summary>
public sealed class FullDisk : Scenario
{
    public override string Name => "F9";

    public override string Fault => "A full disk at the k-th page written, k swept: store and staging, ledger and its log, or all of them on it, in a new home and in one with history; then space is freed and the run resumed";

    public override string Clock => "from freed space to the run's end";

    public override string? Lacking => SmallDisk.Lacking;

    public override IEnumerable<Mutation> Mutations => [new("write-in-place", Full("data", history: true, 336))];

    public override IEnumerable<Trial> Trials(bool full) => full
        ?
        [
            .. Steps(0, 160, 4).Select(k => Full("all", true, k)), .. Steps(0, 120, 6).Select(k => Full("ledger", true, k)), .. Steps(0, 320, 32).Select(k => Full("data", true, k)),
            .. Steps(0, 600, 40).Select(k => Full("all", false, k)), .. Steps(0, 450, 50).Select(k => Full("ledger", false, k)),
        ]
        : [Full("all", true, 0), Full("all", true, 11), Full("all", true, 33), Full("ledger", true, 6), Full("data", true, 64), Full("all", false, 40)];

    static IEnumerable<int> Steps(int from, int to, int step) => Enumerable.Range(0, ((to - from) / step) + 1).Select(i => from + (i * step));

    static Trial Full(string holds, bool history, int pages) => new($"{pages} pages left for {holds}{(history ? "" : " of a new home")}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var disk = SmallDisk.Mount(holds);

        // 400 KB in each of three files where the data is what fills the disk.
        var job = new FakeJob { Shape = "three", Options = new FakeOptions { Text = holds == "data" ? new string('x', 2000) : "hello" } };
        if (history)
        {
            await new RunService(disk.Home, Settings.Options()).RunAsync((job with { Seed = 1 }).Spec(), new RunRequest("test"), SilentObserver.Instance, cancellationToken);
        }

        var file = Path.Combine(disk.Root, "job.json");
        await File.WriteAllTextAsync(file, JsonSerializer.Serialize(job), cancellationToken);
        disk.Fill(pages);
        int code;
        string said;
        await using (var process = HostProcess.Start(["new", disk.Home.Root, file], new Dictionary<string, string> { [FaultHost.Engines.Variable] = setting.Engine, ["FAULT_MUTANT"] = setting.Mutant ?? "" }))
        {
            code = await process.ExitAsync(cancellationToken);
            said = process.Said;
        }

        var succeeded = code == 0;
        if (!succeeded)
        {
            findings.Count("full disks told as such", code == 1 && (said.Contains(" disk_full", StringComparison.Ordinal) || said.Contains("is full", StringComparison.Ordinal)), $"exit code {code}: {said}");
            findings.Actions += 2;
        }

        findings.Violations.AddRange(Oracle.TornFiles(disk.Home).Select(t => $"while full: {t}"));
        findings.Violations.AddRange(await SoundCopyAsync(disk, cancellationToken));
        disk.Free();
        var clock = Stopwatch.StartNew();
        await using (var served = await ServedHome.StartAsync(disk.Home, Settings.Options(engine: setting.Engine), SilentObserver.Instance))
        {
            var run = Asked(disk, job);
            var outcome = run is null ? await served.RunAsync(job.Spec(), cancellationToken) : await served.ResumeAsync(run, cancellationToken);
            findings.Expect(outcome.Succeeded, $"with space again the run ended {outcome.State}: {outcome.Error}");
        }

        if (!succeeded)
        {
            findings.Waits.Add(clock.Elapsed);
        }

        findings.Violations.AddRange(await Oracle.AfterAsync(disk.Home, await Undisturbed.OfAsync(job, cancellationToken), cancellationToken));
        Oracle.CountWork(disk.Home, findings);
        return findings;
    });

    /// <summary>The ledger as it lies on the full disk, looked at elsewhere: SQLite needs room of its own to open one.</summary>
    static async Task<List<string>> SoundCopyAsync(SmallDisk disk, CancellationToken cancellationToken)
    {
        if (!File.Exists(disk.Home.Ledger))
        {
            return [];
        }

        var copy = Path.Combine(disk.Root, "copy.db");
        foreach (var side in new[] { "", "-wal" })
        {
            if (File.Exists(disk.Home.Ledger + side))
            {
                File.Copy(disk.Home.Ledger + side, copy + side);
            }
        }

        var sound = await SqliteShell.RunAsync(copy, "PRAGMA integrity_check", cancellationToken);
        return sound == "ok" ? [] : [$"the ledger on the full disk: {sound}"];
    }

    /// <summary>The run that was asked for, where it got as far as the ledger.</summary>
    static string? Asked(SmallDisk disk, FakeJob job)
    {
        using var ledger = LedgerDb.Open(disk.Home.Ledger, TimeProvider.System);
        return ledger.Read(db => db.Text("SELECT run_id FROM run WHERE seed=?1 ORDER BY created_us DESC LIMIT 1", job.Seed));
    }
}
