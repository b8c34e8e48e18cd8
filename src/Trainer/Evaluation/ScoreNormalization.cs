namespace Trainer.Evaluation;

/// <summary>How the scores of one query are made comparable before they are added.</summary>
public enum ScoreNormalization
{
    /// <summary>(s - min) / (max - min) over the list: best 1, worst 0.</summary>
    MinMax,

    /// <summary>(s - mean) / standard deviation over the list.</summary>
    ZScore,

    /// <summary>s / max over the list; lists whose best score is not positive count 0.</summary>
    Max,
}
