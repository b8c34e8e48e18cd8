namespace TorchSharp;

/// <summary>An operation of a process group failed: its message names this rank, the operation, and the ranks that were lost where some were.</summary>
public sealed class ProcessGroupException : TorchException
{
    public ProcessGroupException()
    {
    }

    public ProcessGroupException(string message)
        : base(message)
    {
    }

    public ProcessGroupException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>Ranks that show no sign of life any more; empty where all live or none is known.</summary>
    public IReadOnlyList<int> LostRanks { get; init; } = [];
}
