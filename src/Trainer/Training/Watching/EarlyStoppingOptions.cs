using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Watching;

/// <summary>When a training that no longer improves is ended (as Hugging Face's EarlyStoppingCallback decides).</summary>
public sealed record EarlyStoppingOptions
{
    /// <summary>Evaluations without an improvement after which the training ends; null never ends it.</summary>
    /// <value>Default: null.</value>
    [Range(1, 100000)]
    public int? Patience { get; init; }

    /// <summary>An evaluation improves on the best when it is better by more than this.</summary>
    /// <value>Default: 0.</value>
    [Range(0, 1e9)]
    public double Threshold { get; init; }

    /// <summary>The series that decides; lower is better for names that end in <c>_loss</c>. Null takes the one of <see cref="WatchOptions.Metric"/>.</summary>
    /// <value>Default: null.</value>
    public string? Metric { get; init; }
}
