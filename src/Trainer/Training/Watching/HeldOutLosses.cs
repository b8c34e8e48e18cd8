using Trainer.Losses;

namespace Trainer.Training.Watching;

/// <summary>Held-out losses of the losses that read dense embeddings alone.</summary>
public static class HeldOutLosses
{
    /// <summary>The loss of held-out pairs, tile by tile, so that a large batch never stands in memory as one table of scores.</summary>
    /// <param name="loss">Reads dense embeddings and nothing else.</param>
    /// <param name="tile">Rows of a tile.</param>
    public static HeldOutLoss Of(ILoss loss, int tile = 1024) => (queries, positives, excluded) =>
    {
        var inputs = LossInputs.Dense(queries, positives, excluded);
        double sum = 0;
        for (var row = 0; row < inputs.Count; row += tile)
        {
            using var scope = TorchSharp.torch.NewDisposeScope();
            sum += loss.Compute(inputs, new RowRange(row, Math.Min(tile, inputs.Count - row))).Total.ToDouble();
        }

        return sum;
    };
}
