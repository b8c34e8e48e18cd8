using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>What every loss over embeddings keeps to. A loss's own test class derives it and names the loss in its forms.</summary>
[Collection(TorchCollection.Name)]
public abstract class LossContract
{
    /// <summary>The loss, in all forms worth telling apart.</summary>
    protected abstract IReadOnlyList<ILoss> Forms { get; }

    /// <summary>Whether a candidate that is excluded for every row has no gradient: so it is where negatives are those of the batch, and no regulariser sees all texts.</summary>
    protected virtual bool MasksExcluded => true;

    /// <summary>Whether a part of the loss is taken for a constant: then its gradient is not that of its value.</summary>
    protected virtual bool StopsGradients(ILoss loss) => false;

    [Fact]
    public void Tiles_AddUpToTheWholeBatch_InLossFiguresAndGradients() => ForEach((batch, loss) =>
    {
        var whole = batch.Evaluate(loss);
        Assert.True(double.IsFinite(whole.Loss), $"loss {whole.Loss}");
        Assert.Contains(whole.Gradients, g => g.Any(v => v != 0));
        foreach (var tile in new[] { 1, 2, 3, LossBatch.Rows })
        {
            var tiled = batch.Evaluate(loss, tile);
            Assert.Equal(whole.Loss, tiled.Loss, 1e-10);
            Assert.Equal(whole.Parts.Keys, tiled.Parts.Keys);
            Assert.All(whole.Parts, p => Assert.Equal(p.Value, tiled.Parts[p.Key], 1e-5));
            Near(whole.Gradients, tiled.Gradients, 1e-10);
        }
    });

    [Fact]
    public void Gradients_EqualCentralDifferences() => ForEach((batch, loss) =>
    {
        if (StopsGradients(loss))
        {
            return;
        }

        const double Step = 1e-6;
        var gradients = batch.Evaluate(loss).Gradients;
        foreach (var (text, values) in batch.Values.Index())
        {
            // Texts whose gradient is nothing at all are looked at in one place, the others everywhere.
            for (var i = 0; i < (gradients[text].All(g => g == 0) ? Math.Min(1, values.Length) : values.Length); i++)
            {
                var value = values[i];
                values[i] = value + Step;
                var above = batch.Evaluate(loss, backward: false).Loss;
                values[i] = value - Step;
                var below = batch.Evaluate(loss, backward: false).Loss;
                values[i] = value;
                Assert.Equal((above - below) / (2 * Step), gradients[text][i], 2e-6);
            }
        }
    });

    [Fact]
    public void Rows_InAnotherOrder_GiveTheSameLossAndGradientsInThatOrder() => ForEach((batch, loss) =>
    {
        int[] order = [3, 0, 4, 1, 2];
        var (plain, moved) = (batch.Evaluate(loss), batch.Reorder(order).Evaluate(loss));
        Assert.Equal(plain.Loss, moved.Loss, 1e-10);
        Assert.All(plain.Parts, p => Assert.Equal(p.Value, moved.Parts[p.Key], 1e-5));
        var expected = new List<double[]>();
        var start = 0;
        foreach (var (count, rows) in new[] { (LossBatch.Rows, order), (LossBatch.Rows, order), (LossBatch.Count, [.. order, 5, 6, 7, 8]) })
        {
            for (var kind = 0; kind < 3; kind++, start += count)
            {
                expected.AddRange(rows.Select(r => plain.Gradients[start + r]));
            }
        }

        Near(expected, moved.Gradients, 1e-10);
    });

    [Fact]
    public void Excluded_CandidatesHaveNoGradient() => ForEach((batch, loss) =>
    {
        if (!MasksExcluded)
        {
            return;
        }

        var hidden = batch with { Excluded = [.. batch.Excluded, .. Enumerable.Range(0, LossBatch.Rows).Select(r => (r, 8))] };
        var gradients = hidden.Evaluate(loss).Gradients;
        for (var kind = 0; kind < 3; kind++)
        {
            Assert.All(gradients[(LossBatch.Rows * 6) + (kind * LossBatch.Count) + 8], g => Assert.Equal(0, g));
        }
    });

    [Fact]
    public void Compute_LeavesNothingButItsValue_InTheScope() => ForEach((batch, loss) =>
    {
        var inputs = batch.Inputs();
        using var scope = NewDisposeScope();
        var value = loss.Compute(inputs, new RowRange(0, 2));
        Assert.Equal(1 + value.Parts.Count, scope.DisposablesCount);
        Assert.Empty(value.Total.shape);
    });

    /// <summary>Two lists of gradients agree.</summary>
    internal static void Near(IReadOnlyList<double[]> expected, IReadOnlyList<double[]> found, double tolerance)
    {
        Assert.Equal(expected.Count, found.Count);
        for (var text = 0; text < expected.Count; text++)
        {
            for (var i = 0; i < expected[text].Length; i++)
            {
                Assert.Equal(expected[text][i], found[text][i], tolerance);
            }
        }
    }

    void ForEach(Action<LossBatch, ILoss> check)
    {
        PythonTorch.RequireTorch();
        foreach (var loss in Forms)
        {
            using var scope = NewDisposeScope();
            check(LossBatch.Draw(11), loss);
        }
    }
}
