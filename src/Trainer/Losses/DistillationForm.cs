namespace Trainer.Losses;

/// <summary>How FlagEmbedding learns from a teacher's scores of a query's own candidates; targets are their softmax.</summary>
public enum DistillationForm
{
    /// <summary>Not at all: cross-entropy at the positive.</summary>
    None,

    /// <summary><c>kl_div</c>: cross-entropy of the softmax over the own candidates to the targets, beside the cross-entropy at the positive.</summary>
    KlDiv,

    /// <summary>
    /// <c>m3_kd_loss</c>, in place of the cross-entropy at the positive: Σ over own candidates k of target_k times the cross-entropy at k over all candidates but the own ones before k.
    /// </summary>
    M3,
}
