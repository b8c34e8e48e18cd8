namespace Trainer.Training.Objectives;

/// <summary>How a cross-encoder learns which candidate is the positive.</summary>
public enum CrossEncoderLabels
{
    /// <summary>Cross-entropy over a query's own candidates (RocketQAv2, SimLM, BGE).</summary>
    ListWise,

    /// <summary>Binary cross-entropy of each pair (monoBERT).</summary>
    PointWise,
}
