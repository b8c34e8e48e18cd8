using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>
/// Processes that compute together, by torch.distributed's own process groups: operations are called by all ranks in the same order, and block. A rank that dies, or an operation that takes longer than the
/// timeout, ends in a <see cref="ProcessGroupException"/> on every rank. TorchSharp has nothing of the kind.
/// </summary>
public sealed unsafe class ProcessGroup : IDisposable
{
    const int MostDimensions = 8;

    readonly ProcessGroupOptions _options;
    readonly RendezvousStore _store, _signs;
    readonly PeerWatch _watch;
    nint _group;
    bool _disposed;

    ProcessGroup(ProcessGroupOptions options, RendezvousStore store, RendezvousStore signs)
    {
        (_options, _store, _signs) = (options, store, signs);
        _watch = new PeerWatch(signs, options);
    }

    /// <summary>This process, from 0.</summary>
    public int Rank => _options.Rank;

    /// <summary>Processes in the group.</summary>
    public int WorldSize => _options.WorldSize;

    /// <summary>What carries the operations.</summary>
    public ProcessGroupBackend Backend => _options.Backend;

    /// <summary>Where tensors of operations must be.</summary>
    public torch.Device Device => Backend == ProcessGroupBackend.Nccl ? new torch.Device(DeviceType.CUDA, _options.DeviceIndex) : torch.CPU;

    /// <summary>Whether this program was built with a backend.</summary>
    public static bool IsAvailable(ProcessGroupBackend backend) => DistributedMethods.ts_dist_available((int)backend) != 0;

    /// <summary>Joins a group; returns once all ranks are there.</summary>
    /// <exception cref="ProcessGroupException">The backend is not built in, the store is not reached, or ranks do not come in time: the message names them.</exception>
    public static ProcessGroup Join(ProcessGroupOptions options)
    {
        if (!IsAvailable(options.Backend))
        {
            throw new ProcessGroupException($"This program's libtorch was built without {options.Backend}, so rank {options.Rank} cannot join a group of it."
                + (options.Backend == ProcessGroupBackend.Nccl ? " Build against a PyTorch with CUDA, with nccl.h and CUDA's headers at hand: docs/gpu.md." : ""));
        }

        var serve = options.RankZeroServes && options.Rank == 0;
        var store = RendezvousStore.Open(options.Host, options.Port, serve, options.JoinTimeout, options.Prefix);
        // A connection of its own: a wait on the other one must not hold up the signs of life.
        var signs = RendezvousStore.Open(options.Host, options.Port, false, options.JoinTimeout, options.Prefix);
        var group = new ProcessGroup(options, store, signs);
        try
        {
            group.Meet();
            return group;
        }
        catch
        {
            group.Dispose();
            throw;
        }
    }

    /// <summary>Puts the tensors of all ranks together, in their place. The order of the additions depends on the number of ranks and of elements alone, and all ranks get the same bits.</summary>
    /// <param name="tensor">Contiguous, of the same type and shape on all ranks.</param>
    /// <param name="reduction">What to do with the elements.</param>
    /// <param name="of">What it is, for messages.</param>
    public void AllReduce(torch.Tensor tensor, ReduceOperation reduction = ReduceOperation.Sum, string of = "a tensor")
    {
        Check(DistributedMethods.ts_group_all_reduce(Group, tensor.Handle, (int)reduction), $"all_reduce of {of}");
        GC.KeepAlive(tensor);
    }

    /// <summary>The tensors of all ranks by rank; all of one type and shape.</summary>
    public torch.Tensor[] AllGather(torch.Tensor tensor, string of = "a tensor")
    {
        var outputs = Enumerable.Range(0, WorldSize).Select(_ => torch.empty(tensor.shape, tensor.dtype, tensor.device)).ToArray();
        var handles = Array.ConvertAll(outputs, o => o.Handle);
        fixed (nint* h = handles)
        {
            Check(DistributedMethods.ts_group_all_gather(Group, tensor.Handle, h, handles.Length), $"all_gather of {of}");
        }

        GC.KeepAlive((tensor, outputs));
        return outputs;
    }

    /// <summary>The tensors of all ranks by rank, whose numbers of rows may differ; the sizes are exchanged first.</summary>
    /// <param name="tensor">(N, ...), contiguous; what follows N, and the type, are the same on all ranks.</param>
    /// <param name="of">What it is, for messages.</param>
    public torch.Tensor[] AllGatherRows(torch.Tensor tensor, string of = "a tensor")
    {
        using var scope = torch.NewDisposeScope();
        using var constant = torch.no_grad();
        if (tensor.shape.Length is 0 or > MostDimensions)
        {
            throw new ArgumentException($"A tensor of {tensor.shape.Length} dimensions was given; expected 1 to {MostDimensions}.", nameof(tensor));
        }

        // Of one length whatever the tensor: a gather of unequal sizes would hang or mix the tensors up.
        var own = new long[2 + MostDimensions];
        (own[0], own[1]) = ((long)tensor.dtype, tensor.shape.Length);
        tensor.shape.CopyTo(own, 2);
        var shapes = AllGather(torch.tensor(own).to(Device), $"the sizes of {of}").Select(t => t.cpu().data<long>().ToArray()).ToArray();
        for (var r = 0; r < WorldSize; r++)
        {
            if (shapes[r][0] != own[0] || shapes[r][1] != own[1] || !shapes[r].AsSpan(3).SequenceEqual(own.AsSpan(3)))
            {
                throw new ProcessGroupException($"all_gather of {of}: rank {Rank} has {Described(own)}, rank {r} {Described(shapes[r])}; expected one type and one shape but for the first dimension.");
            }
        }

        var most = shapes.Max(s => s[2]);
        if (most == 0)
        {
            return [.. shapes.Select(_ => torch.empty(tensor.shape, tensor.dtype, tensor.device).MoveToOuterDisposeScope())];
        }

        var missing = most - tensor.shape[0];
        var padded = missing == 0 ? tensor : torch.cat([tensor, torch.zeros([missing, .. tensor.shape.Skip(1)], tensor.dtype, tensor.device)], 0);
        return [.. AllGather(padded.contiguous(), of).Select((t, r) => (shapes[r][2] == most ? t : t.narrow(0, 0, shapes[r][2]).contiguous()).MoveToOuterDisposeScope())];
    }

    /// <summary>Gives every rank the tensor of one, in the tensor's place.</summary>
    /// <param name="tensor">Contiguous, of the same type and shape on all ranks.</param>
    /// <param name="root">Whose tensor.</param>
    /// <param name="of">What it is, for messages.</param>
    public void Broadcast(torch.Tensor tensor, int root = 0, string of = "a tensor")
    {
        Check(DistributedMethods.ts_group_broadcast(Group, tensor.Handle, root), $"broadcast of {of} from rank {root}");
        GC.KeepAlive(tensor);
    }

    /// <summary>Waits until all ranks are here.</summary>
    public void Barrier(string at = "a barrier") => Check(DistributedMethods.ts_group_barrier(Group), $"the wait for all ranks at {at}");

    /// <summary>Leaves word for the other ranks why this one ends before its time: they name it where their operations fail.</summary>
    public void Tell(string reason) => _watch.Tell(reason);

    /// <summary>Leaves the group.</summary>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        Release();
        _watch.Leave();
        _watch.Dispose();
        _signs.Dispose();
        _store.Dispose();
    }

    nint Group => _group != 0 ? _group : throw (_disposed ? new ObjectDisposedException(nameof(ProcessGroup)) : new ProcessGroupException($"Rank {Rank}: the process group has failed before and is closed."));

    static string Described(long[] shape) => $"{(torch.ScalarType)shape[0]} ({string.Join(", ", shape.Skip(2).Take((int)shape[1]))})";

    void Meet()
    {
        _signs.Set($"joined/{Rank}", Environment.MachineName);
        var waited = System.Diagnostics.Stopwatch.StartNew();
        for (var missing = Missing(); missing.Length > 0; missing = Missing())
        {
            if (waited.Elapsed > _options.JoinTimeout)
            {
                throw new ProcessGroupException(
                    $"Rank {Rank} waited {_options.JoinTimeout.TotalSeconds:0} s at {_options.Host}:{_options.Port} for rank{(missing.Length == 1 ? "" : "s")} {string.Join(", ", missing)} of {WorldSize}: were they started, with the same MASTER_ADDR, MASTER_PORT and WORLD_SIZE?")
                {
                    LostRanks = missing,
                };
            }

            Thread.Sleep(20);
        }

        int failed;
        nint group;
        fixed (byte* prefix = "group\0"u8)
        {
            failed = DistributedMethods.ts_group_new(_store.Handle, prefix, (int)Backend, Rank, WorldSize, (long)_options.Timeout.TotalMilliseconds, _options.DeviceIndex, &group);
        }

        if (failed == 0)
        {
            _group = group;
        }

        Check(failed, "joining the group");
    }

    int[] Missing() => [.. Enumerable.Range(0, WorldSize).Where(r => !_signs.Contains($"joined/{r}"))];

    void Check(int failed, string operation)
    {
        try
        {
            NativeMethods.Check(failed);
        }
        catch (TorchException error) when (error is not TorchOutOfMemoryException)
        {
            var (lost, words) = _watch.Diagnose(Release);
            throw new ProcessGroupException($"Rank {Rank} of {WorldSize} could not finish {operation}: {(words.Length > 0 ? words.TrimEnd('.') + ". " : "")}libtorch says: {error.Message}", error) { LostRanks = lost };
        }
    }

    void Release()
    {
        var group = Interlocked.Exchange(ref _group, 0);
        if (group != 0)
        {
            DistributedMethods.ts_group_delete(group);
        }
    }
}
