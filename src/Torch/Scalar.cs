using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>A number argument of an operator: an integer, a double or a Boolean; converts from every number type.</summary>
public readonly struct Scalar : IEquatable<Scalar>
{
    Scalar(Tag tag, long bits)
    {
        Tag = tag;
        Bits = bits;
    }

    internal Tag Tag { get; }

    internal long Bits { get; }

    public static implicit operator Scalar(byte value) => new(Tag.Int, value);
    public static implicit operator Scalar(sbyte value) => new(Tag.Int, value);
    public static implicit operator Scalar(short value) => new(Tag.Int, value);
    public static implicit operator Scalar(int value) => new(Tag.Int, value);
    public static implicit operator Scalar(long value) => new(Tag.Int, value);
    public static implicit operator Scalar(float value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Scalar(double value) => new(Tag.Double, BitConverter.DoubleToInt64Bits(value));
    public static implicit operator Scalar(bool value) => new(Tag.Bool, value ? 1 : 0);

    public static bool operator ==(Scalar left, Scalar right) => left.Equals(right);

    public static bool operator !=(Scalar left, Scalar right) => !left.Equals(right);

    internal static Scalar OfInteger(long value) => value;

    public double ToDouble() => Tag == Tag.Double ? BitConverter.Int64BitsToDouble(Bits) : Bits;

    public float ToSingle() => (float)ToDouble();

    public long ToInt64() => Tag == Tag.Double ? (long)ToDouble() : Bits;

    public int ToInt32() => (int)ToInt64();

    public bool ToBoolean() => Tag == Tag.Double ? ToDouble() != 0 : Bits != 0;

    public bool Equals(Scalar other) => Tag == other.Tag && Bits == other.Bits;

    public override bool Equals(object? obj) => obj is Scalar other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Tag, Bits);

    public override string ToString() => Tag switch
    {
        Tag.Double => ToDouble().ToString("R"),
        Tag.Bool => Bits != 0 ? "True" : "False",
        _ => Bits.ToString(),
    };
}
