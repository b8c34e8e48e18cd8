using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>What a kind of ModernBERT's layers needs to know of a batch: how far each token is turned, and which others it sees.</summary>
/// <param name="Cos">Cosines of the angles, (T, 1, 1, S / 2) for texts end to end, (1, L, 1, 1, S / 2) for padded ones; S is a head's share.</param>
/// <param name="Sin">Sines.</param>
/// <param name="Reach">How far a token sees on either side; null for the whole text.</param>
sealed record ModernBertSight(Tensor Cos, Tensor Sin, long? Reach)
{
    /// <summary>What may be looked at in padded texts, (B, 1, 1 or L, L) or (1, 1, L, L) of Bool; null where all may.</summary>
    public Tensor? Visible { get; init; }

    /// <summary>Row of each place of padded texts and place of each row, where attention takes texts end to end for padded ones; see <see cref="PackedBatch.Padding"/>.</summary>
    public (Tensor Rows, Tensor Places)? Padding { get; init; }

    /// <summary>Texts of one length beside each other, which attention takes at once and without padding; null where it takes all texts padded.</summary>
    public IReadOnlyList<(long Texts, long Length)>? Runs { get; init; }

    /// <summary>Cosines and sines of position times base^(-2i/S), computed in 32 bits as Hugging Face does: at far positions the rounding shows.</summary>
    /// <param name="positions">Positions, of any shape (...).</param>
    /// <param name="theta">The base.</param>
    /// <param name="share">A head's share of the hidden states, S.</param>
    /// <returns>Each (..., 1, 1, S / 2).</returns>
    public static (Tensor Cos, Tensor Sin) Turn(Tensor positions, double theta, long share)
    {
        using var scope = NewDisposeScope();
        var exponents = arange(0, share, 2, int64).to(float32).to(positions.device) / share;
        var frequencies = full([], theta, float32, positions.device).pow(exponents).reciprocal();
        var angles = positions.to(float32).unsqueeze(-1).unsqueeze(-1).unsqueeze(-1) * frequencies;
        return (angles.cos().MoveToOuterDisposeScope(), angles.sin().MoveToOuterDisposeScope());
    }

    /// <summary>What queries [from, from + count) see of keys [first, first + seen), (count, seen) of Bool.</summary>
    public static Tensor Band(long from, long count, long first, long seen, long reach, Device device)
    {
        using var scope = NewDisposeScope();
        var distance = arange(from, from + count, int64, device).unsqueeze(1) - arange(first, first + seen, int64, device);
        return distance.abs().le(reach).MoveToOuterDisposeScope();
    }

    /// <summary>What may be looked at in padded texts. Padding looks at all of its text, for a row that sees nothing has no softmax.</summary>
    /// <param name="tokens">True at tokens, (B, 1, 1, L); null where nothing is padded.</param>
    /// <param name="width">L.</param>
    /// <param name="reach">How far a token sees; null for the whole text.</param>
    /// <param name="device">Where.</param>
    public static Tensor? Mask(Tensor? tokens, long width, long? reach, Device device)
    {
        if (reach is not { } far || far >= width - 1)
        {
            return tokens?.alias();
        }

        using var scope = NewDisposeScope();
        var band = Band(0, width, 0, width, far, device).view(1, 1, width, width);
        return (tokens is null ? band : tokens.logical_and(band.logical_or(tokens.transpose(-2, -1).logical_not()))).MoveToOuterDisposeScope();
    }

    /// <summary>Lengths of texts end to end, those beside each other that are equal in one.</summary>
    public static IReadOnlyList<(long Texts, long Length)> RunsOf(long[] starts)
    {
        var runs = new List<(long Texts, long Length)>();
        for (var i = 0; i + 1 < starts.Length; i++)
        {
            var length = starts[i + 1] - starts[i];
            if (runs.Count > 0 && runs[^1].Length == length)
            {
                runs[^1] = (runs[^1].Texts + 1, length);
            }
            else
            {
                runs.Add((1, length));
            }
        }

        return runs;
    }
}
