namespace Trainer.Encoders;

/// <summary>Token ids of several texts end to end, without padding.</summary>
/// <param name="Ids">Ids of all texts, (T).</param>
/// <param name="Offsets">Where each text starts, (B); a text ends where the next one starts.</param>
public sealed record TokenBatch(long[] Ids, long[] Offsets)
{
    /// <summary>Token types of all texts, (T): which text of a pair a token belongs to; null where all are 0.</summary>
    public long[]? Types { get; init; }

    /// <summary>Number of texts, B.</summary>
    public int Count => Offsets.Length;
}
