using System.Buffers;
using TorchSharp;

namespace Trainer.Checkpoints;

/// <summary>The memory of a contiguous CPU tensor, without a copy; it lives as long as the tensor.</summary>
sealed class TensorBytes(torch.Tensor tensor) : MemoryManager<byte>
{
    /// <inheritdoc/>
    public override Span<byte> GetSpan() => tensor.bytes;

    /// <inheritdoc/>
    public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException("A tensor's memory is read in place.");

    /// <inheritdoc/>
    public override void Unpin()
    {
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
    }
}
