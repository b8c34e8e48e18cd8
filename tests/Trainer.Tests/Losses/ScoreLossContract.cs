using Trainer.Losses;
using Trainer.Tests.Torch;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>What every loss over scores keeps to. A loss's own test class derives it and names the loss in its forms.</summary>
[Collection(TorchCollection.Name)]
public abstract class ScoreLossContract
{
    const int Rows = 5;
    const int Group = 4;

    static readonly bool[] absent = [false, false, false, false, false, false, true, true, false, true, true, true, false, false, false, true, false, false, false, false];

    static readonly double[] teacher =
    [
        0.9, 0.2, double.NaN, 0.4, 0.1, 0.8, double.NaN, double.NaN, 0.5, double.NaN, double.NaN, double.NaN, double.NaN, 0.3, 0.6, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN,
    ];

    /// <summary>The loss, in all forms worth telling apart.</summary>
    protected abstract IReadOnlyList<IScoreLoss> Forms { get; }

    [Fact]
    public void Tiles_AddUpToTheWholeBatch() => ForEach((loss, first, second) =>
    {
        var whole = Evaluate(loss, first, second, Rows);
        Assert.True(double.IsFinite(whole.Loss));
        Assert.Contains(whole.Gradient, g => g != 0);
        foreach (var tile in new[] { 1, 2, 3 })
        {
            var tiled = Evaluate(loss, first, second, tile);
            Assert.Equal(whole.Loss, tiled.Loss, 1e-10);
            LossContract.Near([whole.Gradient], [tiled.Gradient], 1e-10);
        }
    });

    [Fact]
    public void Gradients_EqualCentralDifferences() => ForEach((loss, first, second) =>
    {
        const double Step = 1e-6;
        var gradient = Evaluate(loss, first, second, Rows).Gradient;
        for (var i = 0; i < gradient.Length; i++)
        {
            var side = i < first.Length ? first : second;
            var value = side[i % first.Length];
            side[i % first.Length] = value + Step;
            var above = Evaluate(loss, first, second, Rows).Loss;
            side[i % first.Length] = value - Step;
            var below = Evaluate(loss, first, second, Rows).Loss;
            side[i % first.Length] = value;
            Assert.Equal((above - below) / (2 * Step), gradient[i], 1e-6);
        }
    });

    [Fact]
    public void Absent_CandidatesHaveNoBearing() => ForEach((loss, first, second) =>
    {
        var plain = Evaluate(loss, first, second, Rows);
        for (var i = 0; i < absent.Length; i++)
        {
            if (absent[i])
            {
                Assert.Equal(0, plain.Gradient[i]);
                (first[i], second[i]) = (first[i] + 50, second[i] - 50);
            }
        }

        Assert.Equal(plain.Loss, Evaluate(loss, first, second, Rows).Loss, 1e-10);
    });

    static (double Loss, double[] Gradient) Evaluate(IScoreLoss loss, double[] first, double[] second, int tile)
    {
        using var scope = NewDisposeScope();
        var (scores, again) = (tensor(first, [Rows, Group]).requires_grad_(), tensor(second, [Rows, Group]).requires_grad_());
        var total = 0.0;
        foreach (var rows in new RowRange(0, Rows).Tiles(tile))
        {
            var inputs = new ScoreInputs
            {
                Scores = scores.narrow(0, rows.Start, rows.Count),
                ScoresAgain = loss.Passes > 1 ? again.narrow(0, rows.Start, rows.Count) : null,
                Count = Rows,
                Absent = tensor(absent, [Rows, Group]),
                Teacher = tensor(teacher, [Rows, Group]),
            };
            using var inner = NewDisposeScope();
            var value = loss.Compute(inputs, rows);
            Assert.Equal(1 + value.Parts.Count, inner.DisposablesCount);
            total += value.Total.ToDouble();
            value.Total.backward();
        }

        return (total, [.. scores.grad!.data<double>().ToArray(), .. (again.grad ?? zeros_like(again)).data<double>().ToArray()]);
    }

    void ForEach(Action<IScoreLoss, double[], double[]> check)
    {
        PythonTorch.RequireTorch();
        foreach (var loss in Forms)
        {
            using var scope = NewDisposeScope();
            random.manual_seed(4);
            check(loss, randn([Rows * Group], float64).data<double>().ToArray(), randn([Rows * Group], float64).data<double>().ToArray());
        }
    }
}
