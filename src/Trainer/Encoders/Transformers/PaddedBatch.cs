using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>Token ids of several texts, each padded on the right to the longest.</summary>
/// <param name="Ids">Ids, (B, L) row-major; the padding id behind a text's end.</param>
/// <param name="Lengths">Tokens of each text, special ones included, (B).</param>
/// <param name="Width">L.</param>
public sealed record PaddedBatch(long[] Ids, int[] Lengths, int Width)
{
    /// <summary>Token types, (B, L) row-major, 0 behind a text's end; null where all are 0.</summary>
    public long[]? Types { get; init; }

    /// <summary>Number of texts, B.</summary>
    public int Count => Lengths.Length;

    /// <summary>Pads a batch of texts laid end to end.</summary>
    /// <exception cref="ArgumentException">The batch is empty, or a text has no token: attention would have nothing to look at.</exception>
    public static PaddedBatch From(TokenBatch batch, long padTokenId)
    {
        var lengths = new int[batch.Count];
        for (var i = 0; i < lengths.Length; i++)
        {
            lengths[i] = (int)((i + 1 < batch.Count ? batch.Offsets[i + 1] : batch.Ids.LongLength) - batch.Offsets[i]);
        }

        if (lengths.Length == 0 || lengths.Min() < 1)
        {
            throw new ArgumentException("A batch needs a text, and every text at least one token: tokenise with special tokens.", nameof(batch));
        }

        var width = lengths.Max();
        if (batch.Types is { } given && given.LongLength != batch.Ids.LongLength)
        {
            throw new ArgumentException($"A batch of {batch.Ids.LongLength} tokens has {given.LongLength} token types; expected one each.", nameof(batch));
        }

        var ids = new long[(long)lengths.Length * width];
        var types = batch.Types is null ? null : new long[ids.LongLength];
        Array.Fill(ids, padTokenId);
        for (var i = 0; i < lengths.Length; i++)
        {
            Array.Copy(batch.Ids, batch.Offsets[i], ids, (long)i * width, lengths[i]);
            if (types is not null)
            {
                Array.Copy(batch.Types!, batch.Offsets[i], types, (long)i * width, lengths[i]);
            }
        }

        return new PaddedBatch(ids, lengths, width) { Types = types };
    }

    /// <summary>Ids, (B, L) of Int64, and whether each is a token rather than padding, (B, L) of Bool.</summary>
    public (Tensor Ids, Tensor Mask) ToTensors(Device device)
    {
        var mask = new bool[Ids.Length];
        for (var i = 0; i < Lengths.Length; i++)
        {
            mask.AsSpan(i * Width, Lengths[i]).Fill(true);
        }

        return (tensor(Ids, [Count, Width]).to(device), tensor(mask, [Count, Width]).to(device));
    }
}
