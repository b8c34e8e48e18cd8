namespace TorchSharp;

/// <summary>
/// An allocation failed: libtorch's OutOfMemoryError of a device, an allocator of the CPU, or a library of CUDA's that found no room. The message is libtorch's own and
/// says what was asked for. The process can go on: tensors made before are whole, and less memory may well be granted.
/// </summary>
public sealed class TorchOutOfMemoryException : TorchException
{
    public TorchOutOfMemoryException()
    {
    }

    public TorchOutOfMemoryException(string message)
        : base(message)
    {
    }

    public TorchOutOfMemoryException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
