using TorchSharp;
using Trainer.Losses;
using Trainer.Training.Batches;
using static TorchSharp.torch;

namespace Trainer.Training.Distributed;

/// <summary>
/// This process among those that train one model: its rank, and what the ranks do together. One process alone is the common case and needs no group. Operations are called by all ranks in the same order.
/// </summary>
public sealed class DistributedContext : IDisposable
{
    readonly ProcessGroup? _group;
    readonly LaunchEnvironment? _launch;

    DistributedContext(LaunchEnvironment? launch, ProcessGroup? group, DistributedOptions options) => (_launch, _group, Options) = (launch, group, options);

    /// <summary>One process alone.</summary>
    public static DistributedContext Single { get; } = new(null, null, new DistributedOptions());

    /// <summary>This process, from 0.</summary>
    public int Rank => _group?.Rank ?? 0;

    /// <summary>Processes in all.</summary>
    public int WorldSize => _group?.WorldSize ?? 1;

    /// <summary>Whether this is rank 0, which writes what is written once: checkpoints, series, the model.</summary>
    public bool IsFirst => Rank == 0;

    /// <summary>Whether there are other ranks.</summary>
    public bool IsShared => WorldSize > 1;

    /// <summary>How the ranks work together.</summary>
    public DistributedOptions Options { get; }

    /// <summary>The group; null where there is one process.</summary>
    public ProcessGroup? Group => _group;

    /// <summary>Joins the training that the environment tells of (torchrun's variables), and returns once all ranks are there; <see cref="Single"/> where it tells of none.</summary>
    /// <param name="device">Where the training runs: <c>cpu</c> meets over Gloo, <c>cuda</c> over NCCL.</param>
    /// <param name="options">How the ranks work together.</param>
    /// <exception cref="TrainerException">The variables contradict themselves.</exception>
    /// <exception cref="ProcessGroupException">The ranks did not come together.</exception>
    public static DistributedContext FromEnvironment(string device, DistributedOptions? options = null) => Join(LaunchEnvironment.Read(), device, options);

    /// <summary>Joins a training.</summary>
    /// <param name="launch">Who and where; null for one process alone.</param>
    /// <param name="device">Where the training runs.</param>
    /// <param name="options">How the ranks work together.</param>
    public static DistributedContext Join(LaunchEnvironment? launch, string device, DistributedOptions? options = null)
    {
        options ??= new DistributedOptions();
        options.Require();
        if (launch is null || launch.WorldSize == 1)
        {
            return launch is null ? Single : new DistributedContext(launch, null, options);
        }

        var cuda = new Device(device).type == DeviceType.CUDA;
        var group = ProcessGroup.Join(new ProcessGroupOptions
        {
            Rank = launch.Rank,
            WorldSize = launch.WorldSize,
            Host = launch.Host,
            Port = launch.Port,
            RankZeroServes = launch.RankZeroServes,
            Prefix = launch.Prefix,
            Backend = cuda ? ProcessGroupBackend.Nccl : ProcessGroupBackend.Gloo,
            DeviceIndex = launch.LocalRank,
            Timeout = TimeSpan.FromSeconds(options.TimeoutSeconds),
            JoinTimeout = TimeSpan.FromSeconds(options.JoinSeconds),
            Silence = TimeSpan.FromSeconds(options.SilenceSeconds),
        });
        return new DistributedContext(launch, group, options);
    }

    /// <summary>The device of this rank: <c>cuda</c> becomes the one of its local rank; an index that is named is kept in one process alone and refused among several.</summary>
    public string DeviceOf(string device)
    {
        if (_launch is not { } launch || new Device(device).type == DeviceType.CPU)
        {
            return device;
        }

        return device == "cuda"
            ? $"cuda:{launch.LocalRank}"
            : IsShared ? throw new TrainerException($"device is {device}, but {WorldSize} processes train together and each takes the device of its local rank; expected cuda.") : device;
    }

    /// <summary>A rank's rows of a batch: contiguous, as even as they can be.</summary>
    /// <exception cref="TrainerException">There are fewer rows than ranks.</exception>
    public static RowRange RowsOf(int rows, int rank, int worldSize)
    {
        var (start, end) = RankSlice.Of(rows, rank, worldSize);
        return new RowRange(start, end - start);
    }

    /// <summary>Sums of some numbers over all ranks, added in rank order: the same bits on all.</summary>
    public double[] Sum(IReadOnlyList<double> values, string of)
    {
        if (_group is not { } group || values.Count == 0)
        {
            return [.. values];
        }

        using var scope = NewDisposeScope();
        var all = group.AllGather(tensor(values.ToArray()).to(group.Device), of).Select(t => t.cpu().data<double>().ToArray()).ToArray();
        return [.. Enumerable.Range(0, values.Count).Select(k => all.Sum(v => v[k]))];
    }

    /// <summary>Rank 0's bytes, on all ranks.</summary>
    /// <param name="value">What rank 0 gives; of no matter on others.</param>
    /// <param name="of">What it is, for messages.</param>
    public byte[] FromFirst(byte[] value, string of)
    {
        if (_group is not { } group)
        {
            return value;
        }

        using var scope = NewDisposeScope();
        var length = tensor([IsFirst ? value.LongLength : 0]).to(group.Device);
        group.Broadcast(length, 0, $"the length of {of}");
        var size = length.cpu().item<long>();
        if (size == 0)
        {
            return [];
        }

        var data = (IsFirst ? tensor(value) : zeros([size], uint8)).to(group.Device);
        group.Broadcast(data, 0, of);
        return data.cpu().data<byte>().ToArray();
    }

    /// <summary>The bytes of every rank, by rank.</summary>
    public IReadOnlyList<byte[]> FromAll(byte[] value, string of)
    {
        if (_group is not { } group)
        {
            return [value];
        }

        using var scope = NewDisposeScope();
        return [.. group.AllGatherRows((value.Length == 0 ? zeros([0], uint8) : tensor(value)).to(group.Device), of).Select(t => t.shape[0] == 0 ? [] : t.cpu().data<byte>().ToArray())];
    }

    /// <summary>Waits until all ranks are here.</summary>
    public void Barrier(string at) => _group?.Barrier(at);

    /// <summary>
    /// Does the work of this rank. What it throws is told to the other ranks, so that they name it, and not a lost connection, as the reason of their end.
    /// </summary>
    public T Run<T>(Func<DistributedContext, T> work)
    {
        try
        {
            return work(this);
        }
        catch (Exception error) when (error is not ProcessGroupException)
        {
            _group?.Tell(error is OperationCanceledException ? "it was stopped" : error.Message);
            throw;
        }
    }

    /// <summary>Leaves the group.</summary>
    public void Dispose() => _group?.Dispose();
}
