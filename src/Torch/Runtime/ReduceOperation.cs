namespace TorchSharp;

/// <summary>How <see cref="ProcessGroup.AllReduce"/> puts the tensors of all ranks together, element by element.</summary>
public enum ReduceOperation
{
    Sum,
    Max,
    Min,
}
