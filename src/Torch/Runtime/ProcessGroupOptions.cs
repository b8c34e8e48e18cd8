namespace TorchSharp;

/// <summary>How a process joins a <see cref="ProcessGroup"/>.</summary>
public sealed record ProcessGroupOptions
{
    /// <summary>This process, from 0.</summary>
    public required int Rank { get; init; }

    /// <summary>Processes in the group.</summary>
    public required int WorldSize { get; init; }

    /// <summary>Host of the store that they meet in.</summary>
    public required string Host { get; init; }

    /// <summary>Port of the store.</summary>
    public required int Port { get; init; }

    /// <summary>Whether rank 0 serves the store; else the launcher does, as torchrun may.</summary>
    public bool RankZeroServes { get; init; } = true;

    /// <summary>Put before every key of the store, so that attempts do not read each other's; the same on all ranks.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>What carries the operations.</summary>
    public ProcessGroupBackend Backend { get; init; } = ProcessGroupBackend.Gloo;

    /// <summary>Index of this process's CUDA device; unused with Gloo.</summary>
    public int DeviceIndex { get; init; }

    /// <summary>How long an operation may take, the wait for the slowest rank included; 10 minutes. A rank that dies is noticed at once on Gloo, a rank that hangs after this.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long to wait at the start until all ranks are there; 5 minutes.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After how long without a sign of life a rank counts as lost, once an operation failed; 5 s. Signs are given ten times as often.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(5);
}
