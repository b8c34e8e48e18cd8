using TorchSharp;
using static TorchSharp.torch;

namespace Trainer.Checkpoints;

/// <summary>
/// Host memory that tensors are copied to before a checkpoint is written beside the training; taken once and used again, so that checkpoint after checkpoint needs no more.
/// Pinned where tensors come from a device, so that they are copied at once and waited for together. One snapshot at a time.
/// </summary>
sealed class SnapshotBuffers : IDisposable
{
    readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    readonly Dictionary<string, byte[]> _bytes = new(StringComparer.Ordinal);
    readonly HashSet<string> _used = new(StringComparer.Ordinal);

    /// <summary>Bytes held.</summary>
    public long Bytes => _tensors.Values.Sum(t => t.numel() * t.element_size()) + _bytes.Values.Sum(b => (long)b.Length);

    /// <summary>Begins a snapshot.</summary>
    public void Begin() => _used.Clear();

    /// <summary>Copies a tensor; the copy is there once <see cref="End"/> has returned.</summary>
    public SafetensorsTensor Copy(string name, Tensor value)
    {
        _used.Add(name);
        var remote = value.device_type != DeviceType.CPU;
        if (!_tensors.TryGetValue(name, out var buffer) || buffer.dtype != value.dtype || !buffer.shape.SequenceEqual(value.shape))
        {
            buffer?.Dispose();
            using var fresh = empty(value.shape, value.dtype);
            _tensors[name] = buffer = (remote ? fresh.pin_memory() : fresh.alias()).DetachFromDisposeScope();
        }

        buffer.copy_(value, nonBlocking: remote);
        return SafetensorsTensor.Of(name, buffer);
    }

    /// <summary>Copies a part's tensor.</summary>
    public SafetensorsTensor Copy(SafetensorsTensor live)
    {
        _used.Add(live.Name);
        if (!_bytes.TryGetValue(live.Name, out var buffer) || buffer.Length != live.Data.Length)
        {
            _bytes[live.Name] = buffer = GC.AllocateUninitializedArray<byte>(live.Data.Length);
        }

        live.Data.CopyTo(buffer);
        return live with { Data = buffer };
    }

    /// <summary>Waits for the copies, and lets go of what they no longer needed.</summary>
    public void End(Device device)
    {
        TorchRuntime.Synchronize(device);
        foreach (var name in _tensors.Keys.Where(n => !_used.Contains(n)).ToList())
        {
            _tensors.Remove(name, out var unused);
            unused!.Dispose();
        }

        foreach (var name in _bytes.Keys.Where(n => !_used.Contains(n)).ToList())
        {
            _bytes.Remove(name);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
        {
            tensor.Dispose();
        }

        _tensors.Clear();
        _bytes.Clear();
    }
}
