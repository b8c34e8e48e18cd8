using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Trainer.Losses;

/// <summary>
/// List-wise cross-entropy of a cross-encoder (localized contrastive estimation, Gao and others 2021; RocketQAv2; SimLM's re-ranker): the mean over rows of -log softmax(s)_0, over the query's own
/// candidates.
/// </summary>
/// <param name="temperature">Scores are divided by it.</param>
public sealed class ListwiseCrossEntropy(double temperature = 1) : IScoreLoss
{
    /// <inheritdoc/>
    public LossValue Compute(ScoreInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        var scores = (inputs.Scores / temperature).masked_fill(inputs.AbsentIn(rows), double.NegativeInfinity);
        var first = zeros([rows.Count], ScalarType.Int64, scores.device);
        return new LossValue((cross_entropy(scores, first, reduction: nn.Reduction.Sum) / inputs.Count).MoveToOuterDisposeScope());
    }
}
