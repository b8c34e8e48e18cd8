using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// FlagEmbedding's contrastive loss with a teacher (<c>AbsEmbedderModel</c>), by any kind of embedding: scores s / τ, targets the softmax of the teacher's scores of a row's own candidates, and the mean
/// over rows of the form. A candidate without a teacher's score is no target; a row without any is trained by its positive alone.
/// </summary>
/// <param name="scorer">What scores; FlagEmbedding's dense models take cosines.</param>
/// <param name="temperature">τ.</param>
/// <param name="form">How the teacher counts.</param>
/// <param name="inBatch">Whether the candidates of other rows are negatives, too.</param>
/// <param name="contrastiveWeight">Weight of the cross-entropy at the positive beside <see cref="DistillationForm.KlDiv"/>.</param>
public sealed class FlagDistillation(IPairScorer scorer, double temperature = 0.02, DistillationForm form = DistillationForm.KlDiv, bool inBatch = true, double contrastiveWeight = 1) : ILoss
{
    readonly Taught _taught = new(form, inBatch, contrastiveWeight);

    /// <inheritdoc/>
    public HeadSet Heads => scorer.Heads;

    /// <inheritdoc/>
    public LossNeeds Needs => _taught.Needs;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var scores = _taught.Scores(scorer, inputs, rows) / temperature;
        return new LossValue((_taught.Sum(scores, inputs, rows) / inputs.Count).MoveToOuterDisposeScope());
    }
}
