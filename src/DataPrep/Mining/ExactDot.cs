using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace DataPrep.Mining;

/// <summary>
/// Inner product of float vectors summed in double, in an order that no processor changes: products of two floats are exact in double, eight partial sums always.
/// </summary>
static class ExactDot
{
    public static double Of(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        var (sum0, sum1) = (Vector256<double>.Zero, Vector256<double>.Zero);
        var xs = MemoryMarshal.Cast<float, Vector256<float>>(x);
        var ys = MemoryMarshal.Cast<float, Vector256<float>>(y);
        for (var i = 0; i < xs.Length; i++)
        {
            var (x0, x1) = Vector256.Widen(xs[i]);
            var (y0, y1) = Vector256.Widen(ys[i]);
            sum0 += x0 * y0;
            sum1 += x1 * y1;
        }

        var sum = Vector256.Sum(sum0 + sum1);
        for (var i = xs.Length * Vector256<float>.Count; i < x.Length; i++)
        {
            sum += (double)x[i] * y[i];
        }

        return sum;
    }
}
