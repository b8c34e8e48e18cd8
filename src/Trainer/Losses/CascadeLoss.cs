using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// ERNIE-Search's cascade (Lu and others 2022): a cross-encoder (ce), late interaction (li) and a dual encoder (de) trained together. With p_x = softmax of x's scores of a query's own candidates,
/// L = L_ce + L_li + L_de + KL(p_ce ‖ p_li) + KL(p_li ‖ p_de) + KL(p_ce ‖ p_de) + KL(A_ce ‖ A_li), L_x = -log p_x(positive), means over rows; each divergence has a weight, a temperature T (times T²) and
/// a stop on the teacher's gradient. A_li is the softmax of each query vector's inner products with the passage's, A_ce the cross-encoder's attention to the same tokens, made to add up to 1; the term is
/// the mean over pairs of the mean over the query's tokens. No code of the paper is public: the form is read from its text.
/// Figures: <c>cross</c>, <c>late</c>, <c>dual</c>, <c>cross_to_late</c>, <c>late_to_dual</c>, <c>cross_to_dual</c>, <c>attention</c>, before weights.
/// </summary>
/// <param name="options">Weights and temperatures.</param>
public sealed class CascadeLoss(CascadeOptions options)
{
    /// <summary>The rows' share in the loss of the batch.</summary>
    public LossValue Compute(CascadeInputs inputs)
    {
        using var scope = NewDisposeScope();
        var absent = inputs.Absent ?? zeros_like(inputs.Cross, ScalarType.Bool);
        var terms = new List<(string Name, Tensor Value, double Weight)>
        {
            ("cross", Label(inputs.Cross), options.CrossWeight),
            ("late", Label(inputs.Late), options.LateWeight),
            ("dual", Label(inputs.Dual), options.DualWeight),
            ("cross_to_late", Taught(inputs.Cross, inputs.Late, options.CrossToLate), options.CrossToLate.Weight),
            ("late_to_dual", Taught(inputs.Late, inputs.Dual, options.LateToDual), options.LateToDual.Weight),
            ("cross_to_dual", Taught(inputs.Cross, inputs.Dual, options.CrossToDual), options.CrossToDual.Weight),
        };
        if (inputs is { CrossAttention: { } attention, LateSimilarities: { } similarities })
        {
            terms.Add(("attention", Looked(attention, similarities, inputs), options.Attention.Weight));
        }

        var total = terms.Where(t => t.Weight > 0).Aggregate(zeros_like(terms[0].Value), (sum, term) => sum + (term.Value * term.Weight));
        return new LossValue(total) { Parts = [.. terms.Select(t => (t.Name, t.Value.detach()))] }.MoveToOuterDisposeScope();

        Tensor Label(Tensor scores) => Masked.LogSoftmax(scores, absent).select(1, 0).sum() * (-1.0 / inputs.Count);

        Tensor Taught(Tensor teacher, Tensor student, CascadeArrow arrow)
        {
            // Scores that were computed before may be missing.
            var untaught = teacher.isnan().logical_or(absent);
            teacher = (arrow.StopGradient ? teacher.detach() : teacher).masked_fill(untaught, 0);
            return Masked.Divergence(teacher / arrow.Temperature, student / arrow.Temperature, untaught) * (arrow.Temperature * arrow.Temperature / inputs.Count);
        }
    }

    Tensor Looked(Tensor attention, Tensor similarities, CascadeInputs inputs)
    {
        var arrow = options.Attention;
        var (pairs, length, width) = (attention.shape[0], attention.shape[1], attention.shape[2]);
        var hidden = inputs.AttentionMask is { } mask ? mask.logical_not().reshape(-1, width) : zeros([pairs * length, width], ScalarType.Bool, attention.device);
        var weights = (arrow.StopGradient ? attention.detach() : attention).reshape(-1, width).masked_fill(hidden, 0);
        var wanted = weights / weights.sum(1, keepdim: true).clamp_min(1e-12);
        var found = Masked.LogSoftmax(similarities.reshape(-1, width) / arrow.Temperature, hidden);
        var each = (wanted * (wanted.clamp_min(1e-12).log() - found)).sum(1).view(pairs, length);
        var tokens = hidden.all(1).logical_not().view(pairs, length).sum(1).clamp_min(1).to(each.dtype);
        return (each.sum(1) / tokens).sum() * (arrow.Temperature * arrow.Temperature / (inputs.AttentionPairs ?? pairs));
    }
}
