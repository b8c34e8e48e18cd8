namespace TorchSharp;

/// <summary>What carries the operations of a <see cref="ProcessGroup"/>.</summary>
public enum ProcessGroupBackend
{
    /// <summary>Gloo: TCP between processes, tensors of the CPU.</summary>
    Gloo,

    /// <summary>NCCL: tensors of CUDA devices, one per process.</summary>
    Nccl,
}
