using System.Text.Json.Serialization;

namespace Trainer.Training.Watching;

/// <summary>What can go wrong with a training whose loss looks well.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlarmKind>))]
public enum AlarmKind
{
    /// <summary>The loss falls and so does nDCG@10.</summary>
    LossMetricDivergence,

    /// <summary>The best evaluation is the one at the end of warm-up.</summary>
    PeakAtWarmup,

    /// <summary>Random pairs all have about the same cosine.</summary>
    Collapse,

    /// <summary>Cosines of positives and negatives drift the same way.</summary>
    Shift,

    /// <summary>Trained on pieces of documents, measured on queries.</summary>
    TaskMismatch,

    /// <summary>Sparse vectors without a single weight.</summary>
    ZeroSparse,
}
