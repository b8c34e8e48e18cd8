using Trainer.Heads;

namespace Trainer.Losses;

/// <summary>A loss over a batch of embeddings. It knows nothing of encoders, caching, devices or processes.</summary>
public interface ILoss
{
    /// <summary>Embeddings it reads.</summary>
    HeadSet Heads => HeadSet.Dense;

    /// <summary>What it reads beside embeddings; a batch without it is refused before the first step.</summary>
    LossNeeds Needs => LossNeeds.None;

    /// <summary>Passes of the queries through the encoder, each with dropout of its own: 1, or 2 for <see cref="LossInputs.QueriesAgain"/>.</summary>
    int QueryPasses => 1;

    /// <summary>
    /// The share of some rows in the loss of the batch: over ranges that cover the rows once, the shares add up to the loss. What belongs to the batch as a whole (a regulariser over all texts) is
    /// in the share of the range that starts at 0. So a batch can be taken in tiles, and by several processes, with the same gradients.
    /// </summary>
    /// <param name="inputs">The whole batch.</param>
    /// <param name="rows">The rows asked for.</param>
    LossValue Compute(LossInputs inputs, RowRange rows);
}
