namespace Trainer.Losses;

/// <summary>How two vectors are compared.</summary>
public enum Similarity
{
    /// <summary>Cosine: vectors are scaled to length one first.</summary>
    Cos,

    /// <summary>Inner product of the vectors as they are.</summary>
    Dot,
}
