using Trainer.Heads;
using Trainer.Training;
using static TorchSharp.torch;

namespace Trainer.Losses;

/// <summary>
/// Matryoshka representation learning (Kusupati and others 2022): the sum over dimensions d of w_d times the inner loss on the first d components of every dense embedding.
/// The inner loss normalises what it is given, so that each cut is a unit vector of its own. A guide's embeddings are not cut. Figures: the loss of each cut (<c>dim_64</c>), and those of the first.
/// </summary>
/// <param name="inner">The loss of one cut.</param>
/// <param name="dimensions">The cuts, the full length among them where it shall count.</param>
/// <param name="weights">Weight of each cut; null for 1.</param>
public sealed class Matryoshka(ILoss inner, IReadOnlyList<int> dimensions, IReadOnlyList<double>? weights = null) : ILoss
{
    /// <summary>Cuts drawn for each step, by <see cref="Seed"/> and the step alone; null takes all.</summary>
    /// <value>Default: null.</value>
    public int? DimensionsPerStep { get; init; }

    /// <summary>Seed of the draws.</summary>
    /// <value>Default: 0.</value>
    public long Seed { get; init; }

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
        var parts = new List<(string, Tensor)>();
        IReadOnlyList<(string, Tensor)> first = [];
        foreach (var i in Drawn(inputs.Step))
        {
            var length = dimensions[i];
            var value = inner.Compute(inputs with { Queries = Cut(inputs.Queries), Passages = Cut(inputs.Passages), QueriesAgain = inputs.QueriesAgain is { } again ? Cut(again) : null }, rows);
            var loss = value.Total * (weights?[i] ?? 1);
            first = total is null ? value.Parts : first;
            total = total is null ? loss : total + loss;
            parts.Add(($"dim_{length}", value.Total.detach()));

            HeadOutputs Cut(HeadOutputs outputs) => outputs with { Dense = outputs.Dense?.narrow(1, 0, length) };
        }

        return new LossValue(total ?? throw new TrainerException("Matryoshka has no dimension; expected at least one.")) { Parts = [.. parts, .. first] }.MoveToOuterDisposeScope();
    }

    /// <summary>The cuts of a step, as indices in ascending order.</summary>
    /// <param name="step">Optimizer steps of the phase before it.</param>
    public IReadOnlyList<int> Drawn(int step)
    {
        var all = Enumerable.Range(0, dimensions.Count).ToArray();
        if (DimensionsPerStep is not { } wanted || wanted >= all.Length)
        {
            return all;
        }

        var draw = new SplitMix64(SplitMix64.Key(Seed, $"matryoshka:{step}"));
        for (var i = 0; i < wanted; i++)
        {
            var other = i + draw.Below(all.Length - i);
            (all[i], all[other]) = (all[other], all[i]);
        }

        return [.. all.Take(wanted).Order()];
    }
}
