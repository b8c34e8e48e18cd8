namespace Trainer.Losses;

/// <summary>Which negatives weigh more in a contrastive loss the closer they are.</summary>
public enum Hardness
{
    /// <summary>None.</summary>
    None,

    /// <summary>Candidates of other queries (Lan and others 2025, equation 5, with strength 9).</summary>
    InBatch,

    /// <summary>The query's own hard negatives (Schechter Vera and others 2025, EmbeddingGemma, with strength 5).</summary>
    Hard,

    /// <summary>All candidates but the positive.</summary>
    All,
}
