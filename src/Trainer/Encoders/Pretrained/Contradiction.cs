namespace Trainer.Encoders.Pretrained;

/// <summary>What of a model's way of use a job may contradict, if it says so.</summary>
public enum ModelTrait
{
    /// <summary>How token vectors become one.</summary>
    Pooling,

    /// <summary>Whether embeddings are scaled to length one.</summary>
    Normalize,

    /// <summary>What is put before texts.</summary>
    Prompts,

    /// <summary>More tokens of a text than the model was made for.</summary>
    Length,

    /// <summary>A projection behind the pooling, which begins untrained.</summary>
    Projection,
}

/// <summary>A job asks for something else than the model it starts from.</summary>
/// <param name="Trait">What they differ in.</param>
/// <param name="Model">What the model says, and where.</param>
/// <param name="Job">What the job says.</param>
public sealed record Contradiction(ModelTrait Trait, string Model, string Job)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Trait.ToString().ToLowerInvariant()}: the model says {Model}, the job {Job}";
}
