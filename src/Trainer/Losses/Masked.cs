using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>Softmax over what is not hidden, with gradients that are numbers.</summary>
static class Masked
{
    /// <summary>Logarithms of the softmax of each row over its places that are not hidden, (R, N); 0 at hidden ones, and in rows where all are hidden.</summary>
    public static Tensor LogSoftmax(Tensor scores, Tensor hidden)
    {
        // A row of nothing but minus infinity would make gradients that are no numbers; such a row is left as it is, and hidden afterwards.
        var fill = hidden.logical_and(hidden.all(1, keepdim: true).logical_not());
        return scores.masked_fill(fill, double.NegativeInfinity).log_softmax(1).masked_fill(hidden, 0);
    }

    /// <summary>Softmax of each row over its places that are not hidden, (R, N); 0 at hidden ones.</summary>
    public static Tensor Softmax(Tensor scores, Tensor hidden) => LogSoftmax(scores, hidden).exp().masked_fill(hidden, 0);

    /// <summary>Σ over rows of KL(target ‖ scores), both softmaxes over the places that are not hidden: a scalar.</summary>
    /// <param name="target">Scores of the one to resemble.</param>
    /// <param name="scores">Scores of the one that learns.</param>
    /// <param name="hidden">Places to leave out.</param>
    public static Tensor Divergence(Tensor target, Tensor scores, Tensor hidden)
    {
        var (wanted, found) = (LogSoftmax(target, hidden), LogSoftmax(scores, hidden));
        return (wanted.exp().masked_fill(hidden, 0) * (wanted - found)).sum();
    }
}
