using System.Diagnostics;
using FaultHost;
using Workflow.Jobs;
using Workflow.Ledger;
using Workflow.Runs;

namespace Durability.Scenarios;

/// <summary>F22: a row that its partition cannot swallow, whatever the reader does about it: the others are committed, and once the row is mended only its partition is computed again.</summary>
public sealed class PoisonedPartition : Scenario
{
    static readonly RetryPolicy Policy = new();

    /// <summary>Kinds of poison, the attempts each is worth, and whether the reader's process dies of it.</summary>
    static readonly (string Kind, int Tries, bool Child)[] Kinds =
    [
        ("user", Policy.Data, false), ("error", Policy.Code, false), ("transient", Policy.Transient, false), ("memory", Policy.Resource, false), ("crash", Policy.Code, true), ("abort", Policy.Code, true),
    ];

    public override string Name => "F22";

    public override string Fault => "A poisoned partition: a row at which its stage fails or its process dies; then the row is mended and the run resumed";

    public override string Clock => "from `resume` to the run's end";

    public override IEnumerable<Mutation> Mutations => [new("resume-anew", Poison(Kinds[0], ["b"]))];

    public override IEnumerable<Trial> Trials(bool full) => full
        ? [.. Kinds.SelectMany(k => Places().Select(p => Poison(k, p)))]
        : [Poison(Kinds[0], ["b"]), Poison(Kinds[2], ["a", "c"]), Poison(Kinds[4], ["c"])];

    /// <summary>Every choice of at least one partition; where it is all of them nothing is left to commit.</summary>
    static IEnumerable<string[]> Places() => Enumerable.Range(1, (1 << Corpus.Files.Count) - 1).Select(set => Corpus.Files.Where((_, i) => (set >> i & 1) == 1).ToArray());

    static Trial Poison((string Kind, int Tries, bool Child) poison, string[] places) => new($"{poison.Kind} in {string.Join(" and ", places)}", async (setting, cancellationToken) =>
    {
        var findings = new Findings();
        using var scratch = new Scratch();
        var job = Corpus.Pipeline(scratch.Corpus) with { MaxTries = 100, Uses = poison.Child ? new() { ["read"] = "child-read" } : [] };
        foreach (var place in places)
        {
            await File.AppendAllTextAsync(Corpus.PathOf(scratch.Corpus, place), $"poison:{poison.Kind}\n", cancellationToken);
        }

        await using var served = await ServedHome.StartAsync(scratch.Home, Settings.Options(engine: setting.Engine), SilentObserver.Instance);
        var run = await served.RunAsync(job.Spec(), cancellationToken);
        var all = places.Length == Corpus.Files.Count;
        findings.Expect(run.State == (all ? "failed" : "partial"), $"the run ended {run.State}");
        using var ledger = LedgerDb.OpenRead(scratch.Home.Ledger, TimeProvider.System);
        var before = Attempts(ledger);
        foreach (var file in Corpus.Files)
        {
            var (state, attempts) = before[$"read/{file}"];
            var expected = places.Contains(file) ? ("failed", poison.Tries) : ("succeeded", 1);
            findings.Expect((state, attempts) == expected, $"read/{file} is {state} after {attempts} attempts, expected {expected}");
        }

        findings.Expect(before["train"] == ("skipped", 0), $"train is {before["train"]}");
        Corpus.Write(scratch.Corpus);
        findings.Actions++;
        var clock = Stopwatch.StartNew();
        run = setting.Mutant == "resume-anew" ? await served.RestartAsync(run.RunId, "read", cancellationToken) : await served.ResumeAsync(run.RunId, cancellationToken);
        findings.Waits.Add(clock.Elapsed);
        var after = Attempts(ledger);
        foreach (var file in Corpus.Files)
        {
            var tries = places.Contains(file) ? poison.Tries + 1 : 1;
            findings.Count(places.Contains(file) ? "mended partitions computed once more" : "sound partitions left alone", after[$"read/{file}"] == ("succeeded", tries));
        }

        await served.DisposeAsync();
        findings.Violations.AddRange(await Oracle.AfterAsync(scratch.Home, await Undisturbed.OfAsync(job, cancellationToken), cancellationToken));
        Oracle.CountWork(scratch.Home, findings);
        return findings;
    });

    /// <summary>State of each node in the newest run, and its attempts in all runs.</summary>
    static Dictionary<string, (string State, int Attempts)> Attempts(LedgerDb ledger)
    {
        var runs = ledger.Runs().Select(r => ledger.Detail(r.RunId)).ToList();
        return runs[0].Nodes.ToDictionary(n => n.NodeId, n => (n.State, runs.SelectMany(r => r.Nodes).Where(o => o.NodeId == n.NodeId).Sum(o => o.Attempts.Count)), StringComparer.Ordinal);
    }
}
