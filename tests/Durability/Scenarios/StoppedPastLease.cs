using FaultHost;

namespace Durability.Scenarios;

/// <summary>F4: a worker is stopped past its lease, another takes its node over, and the first goes on as if nothing had happened.</summary>
public sealed class StoppedPastLease : Scenario
{
    static readonly FakeJob Three = new() { Shape = "three" };

    /// <summary>Points at which a stopped holder does not hold the ledger's write lock.</summary>
    static readonly string[] Pauses = ["claim.after", "work.start", "work.end", "seal.after", "intent.after", "publish.before", "publish.after-rename", "publish.after", "commit.before"];

    public override string Name => "F4";

    public override string Fault => "A worker stopped past its lease; a second one finishes, or is still at work, when the first goes on";

    public override string Clock => "from the stop to the successor's first commit, its start and the lease of 0.15 s included";

    public override IEnumerable<Mutation> Mutations =>
    [
        new("no-fence", Overlap("commit.before:1", null)),
        new("no-fence", Overlap("publish.after:1", "work.end:1")),
        new("epoch-reset", Overlap("commit.before:1", "claim.after:1")),
    ];

    public override IEnumerable<Trial> Trials(bool full)
    {
        if (!full)
        {
            return
            [
                .. Pauses.Select(p => Overlap($"{p}:1", null)), Overlap("work.start:1", "publish.before:1"), Overlap("publish.after-rename:1", "claim.after:1"), Overlap("commit.before:1", "work.end:1"),
                Train("train.step:5", null), Train("checkpoint.intent:2", "train.step:4"),
            ];
        }

        string[] stale = ["work.start", "seal.after", "intent.after", "publish.after-rename", "publish.after", "commit.before"];
        string[] successor = ["claim.after", "work.end", "publish.before", "commit.before"];
        string[] training = ["train.step:2", "train.step:5", "train.step:8", "train.step:12", "checkpoint.sealed:1", "checkpoint.sealed:3", "checkpoint.intent:2", "checkpoint.published:2", "checkpoint.after:2"];
        return
        [
            .. Pauses.Select(p => Overlap($"{p}:1", null)), .. stale.SelectMany(a => successor.Select(b => Overlap($"{a}:1", $"{b}:1"))),
            .. training.Select(p => Train(p, null)), .. training[..8].SelectMany(p => new[] { "train.step:1", "train.step:3" }.Select(d => Train(p, d))),
        ];
    }

    static Trial Overlap(string point, string? during) => new($"one stage, stopped at {point}, woken {When(during)}", async (setting, cancellationToken) =>
    {
        using var schedule = new Schedule(Three, setting.Mutant, setting.Engine);
        return await schedule.OverlapAsync(point, during, await Undisturbed.OfAsync(Three, cancellationToken), cancellationToken);
    });

    static Trial Train(string point, string? during) => new($"training, stopped at {point}, woken {When(during)}", async (setting, cancellationToken) =>
    {
        using var corpus = new Scratch();
        var job = Corpus.Pipeline(corpus.Corpus);
        using var schedule = new Schedule(job, setting.Mutant, setting.Engine);
        return await schedule.OverlapAsync(point, during, await Undisturbed.OfAsync(job, cancellationToken), cancellationToken);
    });

    static string When(string? during) => during is null ? "after its successor finished" : $"while its successor stands at {during}";
}
