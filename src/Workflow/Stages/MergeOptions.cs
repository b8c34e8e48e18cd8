using System.ComponentModel.DataAnnotations;
using DataPrep.Shards;
using Trainer.Merging;

namespace Workflow.Stages;

/// <summary>Options of merging.</summary>
public sealed record MergeOptions : IValidatableObject
{
    /// <summary>Weight of each model, in the order of <c>from: { models: [...] }</c>; scaled to add up to 1.</summary>
    /// <value>Default: none; then all count the same, or as <see cref="LmCocktail"/> says.</value>
    public IReadOnlyList<double> Weights { get; init; } = [];

    /// <summary>Weighs models by their loss on held-out pairs instead: softmax(-loss / temperature), as LM-Cocktail does.</summary>
    /// <value>Default: null.</value>
    public CocktailOptions? LmCocktail { get; init; }

    /// <summary>What of a document the held-out pairs are read with.</summary>
    /// <value>Default: content.</value>
    public PassageText Passage { get; init; } = PassageText.Content;

    /// <summary>What the merged model may lose against the first one, and where.</summary>
    public ForgettingCheck Forgetting { get; init; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Weights.Count > 0 && LmCocktail is not null)
        {
            yield return new ValidationResult("found weights and lm_cocktail, which finds weights of its own; expected one of them.", [nameof(Weights)]);
        }
    }
}

/// <summary>Weights by the loss on held-out pairs.</summary>
public sealed record CocktailOptions
{
    /// <summary>Large ones make the weights alike.</summary>
    /// <value>Default: 5, LM-Cocktail's.</value>
    [Range(1e-3, 1e6)]
    public double Temperature { get; init; } = 5;

    /// <summary>Held-out pairs looked at: a seeded sample of the dev split.</summary>
    /// <value>Default: 100.</value>
    [Range(2, 100_000)]
    public int Examples { get; init; } = 100;
}

/// <summary>What a merged model may lose, and where.</summary>
public sealed record ForgettingCheck
{
    /// <summary>Collections in BEIR layout that both models search.</summary>
    /// <value>Default: none; then nothing is checked.</value>
    public IReadOnlyList<WatchedFolder> Collections { get; init; } = [];

    /// <summary>Largest fall of a metric that is allowed on each collection, absolute: 0.01 is one point of nDCG.</summary>
    /// <value>Default: 0.01.</value>
    [Range(0.0, 1.0)]
    public double MaxDrop { get; init; } = 0.01;

    /// <summary>Metrics that count, by name.</summary>
    /// <value>Default: ndcg@10.</value>
    [MinLength(1)]
    public IReadOnlyList<string> Metrics { get; init; } = ["ndcg@10"];

    /// <summary>What to do where one falls further.</summary>
    /// <value>Default: refuse.</value>
    public ForgettingPolicy Policy { get; init; } = ForgettingPolicy.Refuse;

    /// <summary>The same as the lower floor takes it.</summary>
    internal ForgettingOptions ToOptions() => new() { MaxDrop = MaxDrop, Metrics = Metrics, Policy = Policy };
}
