using System.Diagnostics;
using FaultHost;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs;

namespace Durability.Scenarios;

/// <summary>F21: a file damaged in the store, in a checkpoint, or between its sealing and its publishing: found before it is used, its producer named, and that alone computed again to the same bytes.</summary>
public sealed class DamagedBlob : Scenario
{
    const string Flip = "a bit flipped";

    /// <summary>Nodes by whose output is damaged, and the stage that reads it; nobody reads the last one.</summary>
    static readonly (string Node, string? Reader)[] Outputs = [("read/a", "sort"), ("read/c", "sort"), ("sort", "train"), ("train", null)];

    public override string Name => "F21";

    public override string Fault => "A damaged file: a bit flipped, cut, emptied, lengthened or removed in the store, in staging after it was sealed, or in a checkpoint";

    public override string Clock => "from asking for the repair to the run's end";

    public override IEnumerable<Mutation> Mutations => [new("no-repair", Verified("sort", Flip, manifest: false)), new("no-repair", Read("read/a", "sort", Flip))];

    public override IEnumerable<Trial> Trials(bool full)
    {
        if (!full)
        {
            return [Verified("read/b", "cut in half", false), Read("sort", "train", Flip), Staged(2, Flip), Checkpoint([0], Flip)];
        }

        return
        [
            .. Outputs.SelectMany(o => Damage.Kinds.SelectMany(k => new[] { Verified(o.Node, k, false), Verified(o.Node, k, true) })),
            .. Outputs.Where(o => o.Reader is not null).SelectMany(o => Damage.Kinds.Select(k => Read(o.Node, o.Reader!, k))),
            .. Enumerable.Range(1, 6).Where(n => n != 4).SelectMany(n => new[] { Staged(n, Flip), Staged(n, "cut in half") }),
            .. Damage.Kinds.SelectMany(k => new[] { Checkpoint([0], k), Checkpoint([1], k), Checkpoint([0, 1], k) }),
        ];
    }

    /// <summary>Nobody reads it: `verify` finds it, and resuming the finished run computes what made it again.</summary>
    static Trial Verified(string node, string kind, bool manifest) => new($"{(manifest ? "manifest" : "file")} of {node} {kind}, found by `verify`", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var scratch = new Scratch();
        var job = Corpus.Pipeline(scratch.Corpus);
        var run = await OnceAsync(scratch, job, setting, cancellationToken);
        var blob = BlobOf(scratch.Home, run, node, manifest);
        Damage.Do(scratch.Home.Blob(blob), kind);
        using (var ledger = LedgerDb.Open(scratch.Home.Ledger, TimeProvider.System))
        {
            var report = Verifier.Verify(ledger, new ArtifactStore(scratch.Home), null, quarantine: true, null, cancellationToken);
            findings.Count("damages found before use", report.Problems.Select(p => (p.Hash, p.NodeId)).SequenceEqual([(blob, node)]));
        }

        await using (var served = await ServeAsync(scratch, setting))
        {
            await RepairAsync(findings, served, run, setting, cancellationToken);
        }

        // The rows of a partition are the gathering node's too: it is what both published.
        string[] made = node.StartsWith("read/", StringComparison.Ordinal) && !manifest ? [node, "read"] : [node];
        Again(findings, scratch.Home, made, 1);
        return await JudgeAsync(findings, scratch.Home, job, cancellationToken);
    });

    /// <summary>A stage is computed anew and reads it: it must not.</summary>
    static Trial Read(string node, string reader, string kind) => new($"file of {node} {kind}, found by {reader} that reads it", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var scratch = new Scratch();
        var job = Corpus.Pipeline(scratch.Corpus);
        var first = await OnceAsync(scratch, job, setting, cancellationToken);
        var blob = BlobOf(scratch.Home, first, node, manifest: false);
        Damage.Do(scratch.Home.Blob(blob), kind);
        await using var served = await ServeAsync(scratch, setting);
        var failed = await served.RestartAsync(first, reader, cancellationToken);
        using (var ledger = LedgerDb.OpenRead(scratch.Home.Ledger, TimeProvider.System))
        {
            var attempts = ledger.Detail(failed.RunId).Nodes.SelectMany(n => n.Attempts).ToList();
            findings.Count("damages found before use", failed.State != "succeeded" ? attempts.Exists(a => a.ExitKind == "corrupt_input" && a.Error!.Contains(blob, StringComparison.Ordinal)) : attempts.Exists(a => a.NodeId == node));
        }

        await RepairAsync(findings, served, failed.RunId, setting, cancellationToken);
        await served.DisposeAsync();
        foreach (var other in Outputs.Where(o => o.Node != node && o.Node.StartsWith("read/", StringComparison.Ordinal)))
        {
            Again(findings, scratch.Home, [], 0, other.Node);
        }

        return await JudgeAsync(findings, scratch.Home, job, cancellationToken);
    });

    /// <summary>A sealed file changes before it is published, as if the disk had kept something else.</summary>
    static Trial Staged(int count, string kind) => new($"sealed file of node {count} {kind} before it is published", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var corpus = new Scratch();
        var job = Corpus.Pipeline(corpus.Corpus);
        using var schedule = new Schedule(job, setting.Mutant, setting.Engine);
        await using var process = schedule.Start("go", $"seal.after:{count}:stop");
        await Schedule.StopAsync(process, "seal.after", cancellationToken);
        Damage.Do(Directory.EnumerateFiles(schedule.Home.Staging, "*", SearchOption.AllDirectories).Where(f => f.Contains("/out/", StringComparison.Ordinal)).Order(StringComparer.Ordinal).First(), kind);
        process.Wake();
        await process.ExitAsync(cancellationToken);
        bool found;
        using (var ledger = LedgerDb.Open(schedule.Home.Ledger, TimeProvider.System))
        {
            // Found by the commit's last look, or by who read it; where nobody reads it, by `verify`.
            found = ledger.Detail(schedule.Newest()!).Nodes.SelectMany(n => n.Attempts).Any(a => a.State == "failed");
            found |= Verifier.Verify(ledger, new ArtifactStore(schedule.Home), null, quarantine: true, null, cancellationToken).Problems.Count > 0;
        }

        findings.Count("damages found before use", found);
        findings.Actions++;
        var clock = Stopwatch.StartNew();
        await schedule.FinishAsync(cancellationToken);
        findings.Waits.Add(clock.Elapsed);
        return await JudgeAsync(findings, schedule.Home, job, cancellationToken);
    });

    /// <summary>Training is killed; of its kept checkpoints (newest first) some are damaged when it goes on.</summary>
    static Trial Checkpoint(int[] which, string kind) => new($"checkpoint {string.Join(" and ", which.Select(w => w == 0 ? "newest" : "second newest"))} {kind}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var corpus = new Scratch();
        var job = Corpus.Pipeline(corpus.Corpus);
        using var schedule = new Schedule(job, setting.Mutant, setting.Engine);
        await using (var process = schedule.Start("go", "train.step:8:kill"))
        {
            await process.ExitAsync(cancellationToken);
        }

        var run = schedule.Newest()!;
        using var ledger = LedgerDb.OpenRead(schedule.Home.Ledger, TimeProvider.System);
        var kept = ledger.Detail(run).Checkpoints.Where(c => c.Kept).OrderByDescending(c => c.Step).ToList();
        foreach (var checkpoint in which.Select(w => kept[w]))
        {
            Damage.Do(schedule.Home.Blob(ledger.Read(db => db.Text("SELECT blob_hash FROM artifact_member WHERE artifact_id=?1", checkpoint.ArtifactId))!), kind);
        }

        var clock = Stopwatch.StartNew();
        await schedule.FinishAsync(cancellationToken);
        findings.Waits.Add(clock.Elapsed);
        var resumed = ledger.Detail(run).Nodes.Single(n => n.NodeId == "train").Attempts[^1].ResumedStep;
        long? sound = kept.Where((_, i) => !which.Contains(i)).FirstOrDefault()?.Step;
        findings.Count("damages found before use", resumed == sound);
        return await JudgeAsync(findings, schedule.Home, job, cancellationToken);
    });

    static async Task RepairAsync(Findings findings, ServedHome served, string run, Setting setting, CancellationToken cancellationToken)
    {
        findings.Actions++;
        var clock = Stopwatch.StartNew();
        var state = setting.Mutant == "no-repair" ? "left as it was" : (await served.ResumeAsync(run, cancellationToken)).State;
        findings.Waits.Add(clock.Elapsed);
        findings.Count("damages repaired by one resume", state == "succeeded");
    }

    /// <summary>Exactly these nodes were attempted again in the newest run.</summary>
    static void Again(Findings findings, HomePaths home, string[] nodes, int more, string? only = null)
    {
        using var ledger = LedgerDb.OpenRead(home.Ledger, TimeProvider.System);
        var run = ledger.Detail(ledger.Runs(1)[0].RunId);
        foreach (var node in run.Nodes.Where(n => only is null || n.NodeId == only))
        {
            var expected = only is null ? (nodes.Contains(node.NodeId) ? 1 + more : 1) : 0;
            findings.Expect(node.Attempts.Count == expected, $"{node.NodeId} has {node.Attempts.Count} attempts in the newest run, expected {expected}");
        }
    }

    static async Task<string> OnceAsync(Scratch scratch, FakeJob job, Setting setting, CancellationToken cancellationToken)
    {
        await using var served = await ServeAsync(scratch, setting);
        return (await served.RunAsync(job.Spec(), cancellationToken)).RunId;
    }

    static Task<ServedHome> ServeAsync(Scratch scratch, Setting setting) => ServedHome.StartAsync(scratch.Home, Settings.Options(engine: setting.Engine), SilentObserver.Instance);

    static string BlobOf(HomePaths home, string run, string node, bool manifest)
    {
        using var ledger = LedgerDb.OpenRead(home.Ledger, TimeProvider.System);
        var id = ledger.Detail(run).Outputs.Single(o => o.NodeId == node).Artifact.Id;
        return manifest ? id : ledger.Read(db => db.Text("SELECT blob_hash FROM artifact_member WHERE artifact_id=?1 ORDER BY 1", id))!;
    }

    static async Task<Findings> JudgeAsync(Findings findings, HomePaths home, FakeJob job, CancellationToken cancellationToken)
    {
        findings.Violations.AddRange(await Oracle.AfterAsync(home, await Undisturbed.OfAsync(job, cancellationToken), cancellationToken));
        using var ledger = LedgerDb.OpenRead(home.Ledger, TimeProvider.System);

        // Of the newest run: a damaged checkpoint that nobody needs any more is not made again.
        findings.Expect(Verifier.Verify(ledger, new ArtifactStore(home), ledger.Runs(1)[0].RunId, false, null, cancellationToken).Clean, "`verify` still finds damage");
        Oracle.CountWork(home, findings);
        return findings;
    }
}
