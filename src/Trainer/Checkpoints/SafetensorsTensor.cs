using System.Runtime.InteropServices;

namespace Trainer.Checkpoints;

/// <summary>A tensor to write.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Sizes, row-major.</param>
/// <param name="Data">Little-endian elements.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>A tensor of 32-bit floats (the values are copied).</summary>
    public static SafetensorsTensor Floats(string name, IReadOnlyList<long> shape, ReadOnlySpan<float> values) =>
        new(name, SafetensorsType.F32, shape, MemoryMarshal.AsBytes(values).ToArray());
}
