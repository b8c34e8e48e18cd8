using Trainer.Heads;
using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>Small batches whose losses were worked out by hand.</summary>
[Collection(TorchCollection.Name)]
public sealed class HandComputedTests
{
    // Cosines 1 0.96 0 / 0 0.28 1 / 0.6 0.8 0.8.
    [Theory]
    [InlineData(false, 1.153538)]
    [InlineData(true, 1.159404)]
    public void InfoNce_OfThreePairs_IsTheNumberByHand(bool symmetric, double expected)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var queries = tensor([2.0, 0, 0, 1, 0.6, 0.8], [3, 2]);
        var passages = tensor([1.0, 0, 0.96, 0.28, 0, 3], [3, 2]);
        Assert.Equal(expected, new InfoNce(0.5, symmetric).Compute(LossInputs.Dense(queries, passages)).Total.ToDouble(), 1e-6);
    }

    [Theory]
    [InlineData(MarginKind.Absolute, 0, 0.5, 0.4, true)]
    [InlineData(MarginKind.Absolute, 0, 0.5, 0.6, false)]
    [InlineData(MarginKind.Absolute, 0.1, 0.5, 0.35, true)]
    [InlineData(MarginKind.Absolute, 0.1, 0.5, 0.45, false)]
    [InlineData(MarginKind.Absolute, 0.1, -0.2, -0.35, true)]
    [InlineData(MarginKind.Absolute, 0.1, -0.2, -0.25, false)]
    [InlineData(MarginKind.Absolute, -0.1, 0.5, 0.55, true)]
    [InlineData(MarginKind.Absolute, -0.1, 0.5, 0.65, false)]
    [InlineData(MarginKind.Relative, 0.05, 0.4, 0.375, true)]
    [InlineData(MarginKind.Relative, 0.05, 0.4, 0.385, false)]
    [InlineData(MarginKind.Relative, 0.05, -0.2, -0.215, true)]
    [InlineData(MarginKind.Relative, 0.05, -0.2, -0.205, false)]
    public void Gist_KeepsACandidate_BelowItsThreshold(MarginKind kind, double margin, double positive, double candidate, bool kept) =>
        Assert.Equal(kept, Kept(new Gist(0.5) { MarginKind = kind, Margin = margin, ContrastAnchors = false, ContrastPositives = false }, positive, candidate));

    /// <summary>Whether row 0 learns from candidate 1, where a guide sees its positive and the candidate at these cosines.</summary>
    internal static bool Kept(Gist loss, double positive, double candidate)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var passages = tensor([1.0, 0.2, 0.1, 1], [2, 2]).requires_grad_();
        var inputs = LossInputs.Dense(tensor([1.0, 0, 0, 1], [2, 2]), passages) with
        {
            GuideQueries = tensor([1.0, 0, 0, 1], [2, 2]),
            GuidePassages = tensor([positive, Math.Sqrt(1 - (positive * positive)), candidate, Math.Sqrt(1 - (candidate * candidate))], [2, 2]),
        };
        var value = loss.Compute(inputs, new RowRange(0, 1));
        value.Total.backward();
        var learned = passages.grad![1].data<double>().ToArray().Any(g => g != 0);
        Assert.Equal(learned ? 0 : 1, value.Parts.Single(p => p.Name == "masked_rows").Value.ToDouble());
        Assert.Equal(learned ? 0 : 0.5, value.Parts.Single(p => p.Name == "masked").Value.ToDouble());
        Assert.True(learned || value.Total.ToDouble() == 0);
        return learned;
    }

    // Scores dense 2 0 / 1 1, sparse 1 0 / 0 3, late interaction 0 1 / 1 2.
    [Theory]
    [InlineData(false, 0.357897)]
    [InlineData(true, 0.419574)]
    public void M3_OfTwoPairs_IsTheNumberByHand(bool selfDistillation, double expected)
    {
        PythonTorch.RequireTorch();
        using var scope = NewDisposeScope();
        var inputs = new LossInputs
        {
            Queries = new HeadOutputs
            {
                Dense = tensor([1.0, 0, 0, 1], [2, 2]),
                Sparse = new SparseVectors(tensor([1.0, 1]), [4, 9], [0, 1]),
                MultiVector = new MultiVectors(tensor([1.0, 0, 0, 1], [2, 2]), [0, 1]),
            },
            Passages = new HeadOutputs
            {
                Dense = tensor([2.0, 1, 0, 1], [2, 2]),
                Sparse = new SparseVectors(tensor([1.0, 3]), [4, 9], [0, 1]),
                MultiVector = new MultiVectors(tensor([0.0, 1, 1, 2], [2, 2]), [0, 1]),
            },
        };
        var loss = new M3Unified(1) { Similarity = Similarity.Dot, SelfDistillation = selfDistillation };
        Assert.Equal(expected, loss.Compute(inputs).Total.ToDouble(), 1e-6);
    }
}
