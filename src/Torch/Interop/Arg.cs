using System.Text;

namespace TorchSharp.Interop;

/// <summary>One argument of an operator before it is pinned and flattened: converts from everything an ATen schema names.</summary>
readonly struct Arg
{
    public readonly Tag Tag;
    public readonly int N;
    public readonly long Bits;
    public readonly object? Ref;

    Arg(Tag tag, long bits = 0, int n = 0, object? reference = null)
    {
        Tag = tag;
        Bits = bits;
        N = n;
        Ref = reference;
    }

    /// <summary>The schema's default.</summary>
    public static Arg Default => default;

    /// <summary>PyTorch's None.</summary>
    public static Arg None => new(Tag.None);

    public static implicit operator Arg(torch.Tensor? t) => t is null ? None : new(Tag.Tensor, t.Handle, 0, t);
    public static implicit operator Arg(long v) => new(Tag.Int, v);
    public static implicit operator Arg(int v) => new(Tag.Int, v);
    public static implicit operator Arg(long? v) => v is null ? None : new(Tag.Int, v.Value);
    public static implicit operator Arg(bool v) => new(Tag.Bool, v ? 1 : 0);
    public static implicit operator Arg(double v) => new(Tag.Double, BitConverter.DoubleToInt64Bits(v));
    public static implicit operator Arg(double? v) => v is null ? None : (Arg)v.Value;
    public static implicit operator Arg(Scalar v) => new(v.Tag, v.Bits);
    public static implicit operator Arg(Scalar? v) => v is null ? None : (Arg)v.Value;
    public static implicit operator Arg(torch.ScalarType v) => new(Tag.Int, (long)v);
    public static implicit operator Arg(torch.ScalarType? v) => v is null ? None : new(Tag.Int, (long)v.Value);
    public static implicit operator Arg(torch.Device? v) => v is null ? None : new(Tag.Device, v.index, (int)v.type);
    public static implicit operator Arg(long[]? v) => v is null ? None : new(Tag.Ints, 0, v.Length, v);
    public static implicit operator Arg(torch.Tensor[]? v) => v is null ? None : new(Tag.Tensors, 0, v.Length, v);

    public static implicit operator Arg(string? v)
    {
        if (v is null)
        {
            return None;
        }
        var utf8 = Encoding.UTF8.GetBytes(v);
        return new(Tag.String, 0, utf8.Length, utf8);
    }

    /// <summary>A list of numbers, one per tensor of a foreach operator.</summary>
    public static Arg Scalars(double[] values) => new(Tag.Scalars, 0, values.Length, values);

    /// <summary>A list of tensors with gaps, as an index.</summary>
    public static Arg OptTensors(torch.Tensor?[] values) => new(Tag.OptTensors, 0, values.Length, values);

    /// <summary>How many 8-byte words the value needs beside its <see cref="Val"/>.</summary>
    public int Words => Tag switch
    {
        Tag.Ints or Tag.Tensors or Tag.OptTensors => N,
        Tag.Scalars => 2 * N,
        Tag.String => (N + 7) / 8,
        _ => 0,
    };
}
