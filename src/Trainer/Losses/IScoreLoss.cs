namespace Trainer.Losses;

/// <summary>
/// A loss over scores of each query's own candidates: what a cross-encoder is trained with, what makes a student's scores resemble a teacher's, and, by <see cref="OwnCandidates"/>,
/// a loss over embeddings.
/// </summary>
public interface IScoreLoss
{
    /// <summary>What it reads beside scores.</summary>
    LossNeeds Needs => LossNeeds.None;

    /// <summary>Passes of the pairs through the model, each with dropout of its own: 1, or 2 for <see cref="ScoreInputs.ScoresAgain"/>.</summary>
    int Passes => 1;

    /// <summary>The share of some rows in the loss of the batch, as <see cref="ILoss.Compute"/> has it: over ranges that cover the rows once, the shares add up to the loss.</summary>
    /// <param name="inputs">Scores of the rows, and what is known of the whole batch.</param>
    /// <param name="rows">The rows that the scores belong to.</param>
    LossValue Compute(ScoreInputs inputs, RowRange rows);
}
