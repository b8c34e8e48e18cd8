using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// Matryoshka representation learning (Kusupati and others 2022): the sum over dimensions d of w_d times the inner loss on the first d components of every embedding.
/// The inner loss normalises what it is given, so that each cut is a unit vector of its own.
/// </summary>
/// <param name="inner">The loss of one cut.</param>
/// <param name="dimensions">The cuts, the full length among them where it shall count.</param>
/// <param name="weights">Weight of each cut; null for 1.</param>
public sealed class Matryoshka(ILoss inner, IReadOnlyList<int> dimensions, IReadOnlyList<double>? weights = null) : ILoss
{
    /// <inheritdoc/>
    public Tensor Compute(Tensor queries, Tensor passages, Tensor? excluded)
    {
        using var scope = NewDisposeScope();
        Tensor? total = null;
        for (var i = 0; i < dimensions.Count; i++)
        {
            var loss = inner.Compute(queries.narrow(1, 0, dimensions[i]), passages.narrow(1, 0, dimensions[i]), excluded) * (weights?[i] ?? 1);
            total = total is null ? loss : total + loss;
        }

        return (total ?? throw new TrainerException("Matryoshka has no dimension; expected at least one.")).MoveToOuterDisposeScope();
    }
}
