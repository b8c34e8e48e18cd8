using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// Matryoshka representation learning (Kusupati and others 2022): the sum over dimensions d of w_d times the inner loss on the first d components of every dense embedding.
/// The inner loss normalises what it is given, so that each cut is a unit vector of its own. A guide's embeddings are not cut.
/// </summary>
/// <param name="inner">The loss of one cut.</param>
/// <param name="dimensions">The cuts, the full length among them where it shall count.</param>
/// <param name="weights">Weight of each cut; null for 1.</param>
public sealed class Matryoshka(ILoss inner, IReadOnlyList<int> dimensions, IReadOnlyList<double>? weights = null) : ILoss
{
    /// <inheritdoc/>
    public HeadSet Heads => inner.Heads;

    /// <inheritdoc/>
    public LossNeeds Needs => inner.Needs;

    /// <inheritdoc/>
    public int QueryPasses => inner.QueryPasses;

    /// <inheritdoc/>
    public LossValue Compute(LossInputs inputs, RowRange rows)
    {
        using var scope = NewDisposeScope();
        Tensor? total = null;
        IReadOnlyList<(string, Tensor)> parts = [];
        for (var i = 0; i < dimensions.Count; i++)
        {
            var length = dimensions[i];
            var value = inner.Compute(inputs with { Queries = Cut(inputs.Queries), Passages = Cut(inputs.Passages), QueriesAgain = inputs.QueriesAgain is { } again ? Cut(again) : null }, rows);
            var loss = value.Total * (weights?[i] ?? 1);
            total = total is null ? loss : total + loss;
            parts = value.Parts;

            HeadOutputs Cut(HeadOutputs outputs) => outputs with { Dense = outputs.Dense?.narrow(1, 0, length) };
        }

        return new LossValue(total ?? throw new TrainerException("Matryoshka has no dimension; expected at least one.")) { Parts = parts }.MoveToOuterDisposeScope();
    }
}
