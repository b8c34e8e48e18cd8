using System.Numerics;
using System.Runtime.InteropServices;

namespace Trainer.Export;

/// <summary>The few operations of an encoder in plain C#: sums of products in 32 bits, everything else in 64. Slow beside libtorch, and independent of it.</summary>
static class PlainMath
{
    // Few enough to stay in the processor's cache while the weights pass by.
    const int RowsAtOnce = 32;
    const int Cells = 512;
    const int Bound = 6;

    static readonly double[] ErfTable = MakeErfTable();

    /// <summary>y = x Wᵀ + b for x (rows, inputs), W (outputs, inputs), b (outputs): (rows, outputs).</summary>
    public static float[] Linear(float[] x, int rows, float[] weight, float[] bias, int threads, CancellationToken cancellationToken)
    {
        var outputs = bias.Length;
        var inputs = weight.Length / outputs;
        var result = new float[(long)rows * outputs];
        Parallel.For(0, (rows + RowsAtOnce - 1) / RowsAtOnce, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken }, block =>
        {
            for (var o = 0; o < outputs; o++)
            {
                var w = weight.AsSpan(o * inputs, inputs);
                for (var r = block * RowsAtOnce; r < Math.Min(rows, (block + 1) * RowsAtOnce); r++)
                {
                    result[((long)r * outputs) + o] = Dot(x.AsSpan(r * inputs, inputs), w) + bias[o];
                }
            }
        });
        return result;
    }

    /// <summary>Σ a·b.</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var va = MemoryMarshal.Cast<float, Vector<float>>(a);
        var vb = MemoryMarshal.Cast<float, Vector<float>>(b);
        var (first, second) = (Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i + 1 < va.Length; i += 2)
        {
            first = Vector.FusedMultiplyAdd(va[i], vb[i], first);
            second = Vector.FusedMultiplyAdd(va[i + 1], vb[i + 1], second);
        }

        if (i < va.Length)
        {
            first = Vector.FusedMultiplyAdd(va[i], vb[i], first);
        }

        var sum = Vector.Sum(first + second);
        for (i = va.Length * Vector<float>.Count; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }

    /// <summary>Each row minus its mean, over its deviation (of N, with epsilon inside the root), times weight, plus bias; in place.</summary>
    public static void LayerNorm(float[] x, float[] weight, float[] bias, double epsilon)
    {
        var width = weight.Length;
        for (var start = 0; start < x.Length; start += width)
        {
            var row = x.AsSpan(start, width);
            double mean = 0, square = 0;
            foreach (var value in row)
            {
                mean += value;
            }

            mean /= width;
            foreach (var value in row)
            {
                square += (value - mean) * (value - mean);
            }

            var scale = 1 / Math.Sqrt((square / width) + epsilon);
            for (var i = 0; i < width; i++)
            {
                row[i] = (float)(((row[i] - mean) * scale * weight[i]) + bias[i]);
            }
        }
    }

    /// <summary>x Φ(x) with the normal distribution's own Φ, in place.</summary>
    public static void Gelu(Span<float> x)
    {
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = (float)(0.5 * x[i] * (1 + Erf(x[i] / Math.Sqrt(2))));
        }
    }

    /// <summary>2/√π ∫₀ˣ exp(-t²) dt, to about 1e-12: a table of values, joined by the cubics that have the known slopes.</summary>
    public static double Erf(double x)
    {
        var at = Math.Abs(x) * Cells;
        if (!(at < Bound * Cells))
        {
            return double.IsNaN(x) ? x : Math.Sign(x);
        }

        var cell = (int)at;
        var t = at - cell;
        var (left, right) = (Slope(cell) / Cells, Slope(cell + 1) / Cells);
        var (u, v) = (ErfTable[cell], ErfTable[cell + 1]);
        var value = u + (t * (left + (t * ((3 * (v - u)) - (2 * left) - right + (t * ((2 * (u - v)) + left + right))))));
        return x < 0 ? -value : value;
    }

    /// <summary>Scales a vector to length one: x / max(|x|, 1e-12).</summary>
    public static void Normalize(Span<float> x)
    {
        double square = 0;
        foreach (var value in x)
        {
            square += (double)value * value;
        }

        var length = Math.Max(Math.Sqrt(square), 1e-12);
        for (var i = 0; i < x.Length; i++)
        {
            x[i] = (float)(x[i] / length);
        }
    }

    static double Slope(double at) => 2 / Math.Sqrt(Math.PI) * Math.Exp(-(at / Cells) * (at / Cells));

    // Simpson's rule from one value to the next.
    static double[] MakeErfTable()
    {
        var table = new double[(Bound * Cells) + 1];
        for (var i = 1; i < table.Length; i++)
        {
            table[i] = table[i - 1] + ((Slope(i - 1) + (4 * Slope(i - 0.5)) + Slope(i)) / (6 * Cells));
        }

        return table;
    }
}
