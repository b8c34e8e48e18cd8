using System.ComponentModel.DataAnnotations;
using DataPrep.Shards;
using DataPrep.Tables;
using Trainer.Encoders;
using Trainer.Evaluation;

namespace Workflow.Stages;

/// <summary>Options of the promotion stage.</summary>
public sealed record PromoteOptions
{
    /// <summary>The named slot that the candidate may take: the one that <c>from: {current: "slot:NAME"}</c> reads.</summary>
    [RegularExpression("[A-Za-z][A-Za-z0-9_-]{0,63}")]
    public required string Slot { get; init; }

    /// <summary>Split of the pairs whose queries decide.</summary>
    /// <value>Default: test.</value>
    [AllowedValues("test", "dev")]
    public string Split { get; init; } = "test";

    /// <summary>What of a document is searched.</summary>
    /// <value>Default: content.</value>
    public PassageText Passage { get; init; } = PassageText.Content;

    /// <summary>Metric, level and margin of the test.</summary>
    public PromotionOptions Test { get; init; } = new();
}

/// <summary>
/// A candidate model against the one in a named slot, on held-out queries. The candidate takes the slot, in the transaction that commits the decision, where it is not worse; else the slot stays.
/// </summary>
sealed class PromoteStage : IStage
{
    /// <summary>Kind of the artifact.</summary>
    internal const string Decision = "decision";

    /// <summary>Its file.</summary>
    internal const string File = "decision.json";

    /// <summary>Fact of its manifest: the slot.</summary>
    internal const string SlotFact = "slot";

    /// <summary>Fact of its manifest: first, promote, keep or same.</summary>
    internal const string VerdictFact = "verdict";

    /// <summary>Input that may take the slot.</summary>
    internal const string Candidate = "candidate";

    /// <summary>Input that the slot held.</summary>
    internal const string Current = "current";

    public string Name => "promote";

    public string Version => "1";

    public Type OptionsType => typeof(PromoteOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new(Candidate, ["model"]), new(Current, ["model"], Optional: true), new("documents", ["documents"]), new("pairs", ["pairs"])];

    public IReadOnlyList<string> Outputs { get; } = [Decision];

    public bool EnvironmentSensitive => true;

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (PromoteOptions)context.Options;
        var store = Composition.Tables(context);
        var documents = RowTables.Documents.Read(store, context.Paths("documents"), cancellationToken).ToList();
        var test = RetrievalCollection.FromPairs(documents, options.Passage, RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken), options.Split);
        using var candidate = ModelFolder.Load(context.Artifact(Candidate)!.Files());
        using var current = context.Artifact(Current) is { } held ? ModelFolder.Load(held.Files()) : null;
        var decision = Promotion.Run(test, candidate, current, options.Test, context.Seed, context.Threads, context.Reporter(), cancellationToken);
        context.WriteJson(Decision, File, decision);
        context.Meta(Decision, SlotFact, options.Slot);
        context.Meta(Decision, VerdictFact, decision.Verdict.ToString().ToLowerInvariant());
        context.Log($"slot {options.Slot}: {decision.Reason}");
        return Task.CompletedTask;
    }
}
