using System.Runtime.InteropServices;
using TorchSharp;

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

    /// <summary>A single whole number, of shape ().</summary>
    public static SafetensorsTensor Number(string name, long value) => new(name, SafetensorsType.I64, [], MemoryMarshal.AsBytes([value]).ToArray());

    /// <summary>A tensor of any kind. On the CPU and contiguous its live memory is seen, which changes with it and ends with it; otherwise the values are copied.</summary>
    public static SafetensorsTensor Of(string name, torch.Tensor value)
    {
        if (value.device_type == DeviceType.CPU && value.is_contiguous())
        {
            return new(name, TypeOf(value), value.shape, new TensorBytes(value).Memory);
        }

        using var host = value.cpu();
        using var ordered = host.contiguous();
        return new(name, TypeOf(value), value.shape, ordered.bytes.ToArray());
    }

    /// <summary>Copies the values into a tensor on any device.</summary>
    /// <exception cref="TrainerException">Type or shape differ.</exception>
    public void CopyTo(torch.Tensor target)
    {
        if (Type != TypeOf(target) || !Shape.SequenceEqual(target.shape))
        {
            throw new TrainerException($"Tensor '{Name}': found {Type} ({string.Join(", ", Shape)}), expected {TypeOf(target)} ({string.Join(", ", target.shape)}).");
        }

        using var constant = torch.no_grad();
        using var host = torch.empty(target.shape, target.dtype);
        Data.Span.CopyTo(host.bytes);
        target.copy_(host);
    }

    /// <summary>The file's type for a tensor's.</summary>
    internal static SafetensorsType TypeOf(torch.Tensor value) => value.dtype switch
    {
        torch.ScalarType.Bool => SafetensorsType.BOOL,
        torch.ScalarType.Byte => SafetensorsType.U8,
        torch.ScalarType.Int8 => SafetensorsType.I8,
        torch.ScalarType.Int16 => SafetensorsType.I16,
        torch.ScalarType.Int32 => SafetensorsType.I32,
        torch.ScalarType.Int64 => SafetensorsType.I64,
        torch.ScalarType.Float16 => SafetensorsType.F16,
        torch.ScalarType.BFloat16 => SafetensorsType.BF16,
        torch.ScalarType.Float32 => SafetensorsType.F32,
        torch.ScalarType.Float64 => SafetensorsType.F64,
        var other => throw new NotSupportedException($"safetensors has no type for {other}."),
    };
}
