using Trainer.Losses;
using static TorchSharp.torch;

namespace Trainer.Training.Objectives;

/// <summary>The terms of a cascade over scores of some rows' own candidates, (R, G) each: with p_x = softmax(s_x), L_x = -log p_x(positive), and T² KL(p_t ‖ p_s) per arrow; means over the rows of the batch.</summary>
/// <param name="options">Weights and temperatures.</param>
sealed class CascadeTerms(CascadeOptions options)
{
    /// <summary>The share of some rows in the loss of the batch, without the attention term.</summary>
    /// <param name="cross">The cross-encoder's scores; no number where precomputed ones are missing.</param>
    /// <param name="learns">Whether the cross-encoder learns from labels.</param>
    /// <param name="late">Late interaction's.</param>
    /// <param name="dense">The dual encoder's.</param>
    /// <param name="absent">Places without a candidate.</param>
    /// <param name="count">Rows of the batch, B.</param>
    public LossValue Compute(Tensor cross, bool learns, Tensor late, Tensor dense, Tensor absent, int count)
    {
        using var scope = NewDisposeScope();
        var total = zeros([], late.dtype, late.device);
        var parts = new List<(string, Tensor)>();
        var untaught = learns ? absent : absent.logical_or(cross.isnan());
        cross = learns ? cross : cross.masked_fill(untaught, 0);
        Label("cross_loss", learns ? options.CrossWeight : 0, cross);
        Label("late_loss", options.LateWeight, late);
        Label("dense_loss", options.DenseWeight, dense);
        Arrow("cross_to_late", options.CrossToLate, cross, late, untaught);
        Arrow("late_to_dense", options.LateToDense, late, dense, absent);
        Arrow("cross_to_dense", options.CrossToDense, cross, dense, untaught);
        return new LossValue(total) { Parts = parts }.MoveToOuterDisposeScope();

        void Label(string name, double weight, Tensor scores)
        {
            if (weight > 0)
            {
                Add(name, weight, -Masked.LogSoftmax(scores, absent).select(1, 0).sum() / count);
            }
        }

        void Arrow(string name, CascadeArrow arrow, Tensor teacher, Tensor student, Tensor hidden)
        {
            if (arrow.Weight > 0)
            {
                var t = arrow.Temperature;
                Add(name, arrow.Weight, Masked.Divergence((arrow.StopGradient ? teacher.detach() : teacher) / t, student / t, hidden) * (t * t / count));
            }
        }

        void Add(string name, double weight, Tensor term)
        {
            total += term * weight;
            parts.Add((name, term.detach()));
        }
    }
}
