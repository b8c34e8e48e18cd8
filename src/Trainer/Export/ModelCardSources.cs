namespace Trainer.Export;

/// <summary>What a model card tells of a model's making. Nothing in it is a time, a host, a path or a run: equal models have equal cards.</summary>
public sealed record ModelCardSources
{
    /// <summary>Hash of the model's artifact; null for one that is in no ledger.</summary>
    public string? ModelId { get; init; }

    /// <summary>What it was trained on.</summary>
    public IReadOnlyList<CardArtifact> Data { get; init; } = [];

    /// <summary>Everything it was made from, as far as it is known.</summary>
    public IReadOnlyList<CardArtifact> Lineage { get; init; } = [];

    /// <summary>Names of the files outside that all of it goes back to.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];

    /// <summary>How it was measured; null where it was not.</summary>
    public CardScores? Scores { get; init; }

    /// <summary>Options of its training as JSON; null where they are not known.</summary>
    public string? TrainingOptions { get; init; }
}
