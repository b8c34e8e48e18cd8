namespace Trainer.Heads;

/// <summary>Which embeddings of a text are asked for: one forward of the encoder serves all of them.</summary>
[Flags]
public enum HeadSet
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>One vector per text: pooled, projected where there is a projection.</summary>
    Dense = 1,

    /// <summary>One weight per vocabulary entry, most of them 0.</summary>
    Sparse = 2,

    /// <summary>One vector per token.</summary>
    MultiVector = 4,
}
