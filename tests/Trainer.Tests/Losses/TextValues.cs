using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Tests.Losses;

/// <summary>Embeddings of some texts as numbers, text by text: dense, sparse and multi-vector, the vectors of a text end to end.</summary>
sealed record TextValues(double[][] Dense, double[][] Sparse, long[][] Ids, double[][] Multi, int Width)
{
    public static TextValues Draw(int count, int dimensions, int width, int shift)
    {
        var lengths = Enumerable.Range(0, count).Select(i => 1 + ((i + shift) * 7 % 3)).ToArray();
        return new TextValues(
            [.. Enumerable.Range(0, count).Select(_ => Normal(dimensions))],
            [.. Enumerable.Range(0, count).Select(i => Normal(Ids(i).Length).Select(Math.Abs).ToArray())],
            [.. Enumerable.Range(0, count).Select(Ids)],
            [.. lengths.Select(n => Normal(n * width))],
            width);

        long[] Ids(int text) => [.. Enumerable.Range(0, 9).Where(id => (id + (text * 5) + shift) % 3 != 0 && (id * (text + 2)) % 4 != 3).Select(id => (long)id)];

        static double[] Normal(int n)
        {
            using var values = randn([n], float64);
            return values.data<double>().ToArray();
        }
    }

    /// <summary>All numbers, one array for each kind and text.</summary>
    public IReadOnlyList<double[]> All => [.. Dense, .. Sparse, .. Multi];

    /// <summary>The texts in another order.</summary>
    public TextValues Take(IReadOnlyList<int> order) => new([.. order.Select(i => Dense[i])], [.. order.Select(i => Sparse[i])], [.. order.Select(i => Ids[i])], [.. order.Select(i => Multi[i])], Width);

    /// <summary>Leaves with these values.</summary>
    public HeadOutputs Outputs() => new()
    {
        Dense = Leaf(Dense).view(Dense.Length, -1).detach().requires_grad_(),
        Sparse = new SparseVectors(Leaf(Sparse), [.. Ids.SelectMany(i => i)], Offsets(Sparse, 1)),
        MultiVector = new MultiVectors(Leaf(Multi).view(-1, Width).detach().requires_grad_(), Offsets(Multi, Width)),
    };

    /// <summary>Gradients of leaves in the shape of <see cref="All"/>; zeros where there is none.</summary>
    public IReadOnlyList<double[]> Gradients(HeadOutputs outputs) => [.. Split(outputs.Dense!, Dense), .. Split(outputs.Sparse!.Weights, Sparse), .. Split(outputs.MultiVector!.Values, Multi)];

    static Tensor Leaf(double[][] values) => tensor(values.SelectMany(v => v).ToArray()).requires_grad_();

    static long[] Offsets(double[][] values, int width) => [.. values.Select((_, i) => (long)values.Take(i).Sum(v => v.Length / width))];

    static IEnumerable<double[]> Split(Tensor leaf, double[][] like)
    {
        using var gradient = leaf.grad ?? zeros_like(leaf);
        var (all, start) = (gradient.contiguous().data<double>().ToArray(), 0);
        foreach (var text in like)
        {
            yield return all[start..(start + text.Length)];
            start += text.Length;
        }
    }
}
