using System.ComponentModel.DataAnnotations;
using Trainer.Heads;

namespace Trainer.Encoders.Pretrained;

/// <summary>
/// How a job wants a model to be used. Everything left out is as the model's own files say; a new model pools by the mean, normalises, and has no prompts.
/// What contradicts the model is refused unless <see cref="Allow"/> names it.
/// </summary>
public sealed record ModelUse
{
    /// <summary>How token vectors become one.</summary>
    /// <value>Default: as the model says; mean for a new one.</value>
    public PoolingMode? Pooling { get; init; }

    /// <summary>Scales embeddings to length one, so that dot products are cosines.</summary>
    /// <value>Default: as the model says; true for a new one.</value>
    public bool? Normalize { get; init; }

    /// <summary>Put before every query.</summary>
    /// <value>Default: as the model says; nothing for a new one.</value>
    [MaxLength(4096)]
    public string? QueryPrompt { get; init; }

    /// <summary>Put before every passage.</summary>
    /// <value>Default: as the model says; nothing for a new one.</value>
    [MaxLength(4096)]
    public string? PassagePrompt { get; init; }

    /// <summary>Length of the embeddings behind a projection, a linear map that begins untrained (SimLM's <c>add_pooler</c>); null for none but the model's own.</summary>
    /// <value>Default: null.</value>
    [Range(1, 65536)]
    public int? Projection { get; init; }

    /// <summary>What the job may contradict its initial model in; the artifact of the model records that it did.</summary>
    /// <value>Default: nothing.</value>
    public IReadOnlyList<ModelTrait> Allow { get; init; } = [];
}
