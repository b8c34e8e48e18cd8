namespace Trainer.Heads;

/// <summary>How the vectors of a text's tokens become one.</summary>
public enum PoolingMode
{
    /// <summary>The first token's vector.</summary>
    Cls,

    /// <summary>The mean over tokens.</summary>
    Mean,

    /// <summary>The largest value over tokens, component by component.</summary>
    Max,

    /// <summary>The sum over tokens, divided by the square root of their number.</summary>
    MeanSqrtLength,

    /// <summary>The mean over tokens, the token at position t (from 1) weighing t.</summary>
    WeightedMean,

    /// <summary>The last token's vector.</summary>
    LastToken,
}
