using System.Runtime.InteropServices;

namespace Trainer.Checkpoints;

/// <summary>
/// Reads what PyTorch's <c>torch.save</c> (1.6 and later) makes of a state dict of tensors, such as FlagEmbedding's <c>sparse_linear.pt</c>. Such a file is a program for
/// Python's unpickler; here it is parsed as hostile: nothing is run, only the instructions and names that such a state dict needs are known, and sizes are checked before
/// memory is taken.
/// </summary>
public sealed class PickledTensors : IDisposable
{
    /// <summary>Most bytes that the pickled part may have; the tensors' values lie outside it.</summary>
    public const int MaxPickle = 1 << 20;

    readonly PickledTensorsArchive _archive;
    readonly string _prefix;
    readonly Dictionary<string, PickledTensorsMachine.View> _views;

    /// <summary>Opens a file and checks that its tensors lie within their storages.</summary>
    /// <exception cref="TrainerException">Missing, or not a state dict of tensors of 32-bit floats, halves or bfloat16; the message says what was found.</exception>
    public PickledTensors(string path)
    {
        if (!File.Exists(path))
        {
            throw new TrainerException($"{path} does not exist; expected a file of torch.save.");
        }

        _archive = new PickledTensorsArchive(path);
        try
        {
            const string Program = "/data.pkl";
            var name = _archive.Names.SingleOrDefault(n => n.EndsWith(Program, StringComparison.Ordinal) && n.IndexOf('/', StringComparison.Ordinal) == n.Length - Program.Length)
                ?? throw _archive.Bad($"it has no member NAME{Program}. Found: {string.Join(", ", _archive.Names.Take(10))}");
            _prefix = name[..^(Program.Length - 1)];
            if (_archive.SizeOf(_prefix + "byteorder") is <= 16 && _archive.Read(_prefix + "byteorder").AsSpan().SequenceEqual("big"u8))
            {
                throw _archive.Bad("its numbers are big-endian; expected little-endian");
            }

            if (_archive.SizeOf(name) > MaxPickle)
            {
                throw _archive.Bad($"data.pkl has {_archive.SizeOf(name)} bytes; expected at most {MaxPickle}");
            }

            _views = new PickledTensorsMachine(_archive, _archive.Read(name)).Run();
            Entries = _views.ToDictionary(v => v.Key, v => new PickledTensorsEntry(v.Key, v.Value.Storage.Type, v.Value.Shape), StringComparer.Ordinal);
            foreach (var (tensor, view) in _views)
            {
                Check(tensor, view);
            }
        }
        catch (Exception error) when (error is InvalidOperationException or OverflowException)
        {
            _archive.Dispose();
            throw _archive.Bad(error.Message, error);
        }
        catch
        {
            _archive.Dispose();
            throw;
        }
    }

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, PickledTensorsEntry> Entries { get; }

    /// <summary>Values of a tensor as 32-bit floats, row-major.</summary>
    /// <exception cref="TrainerException">Absent, or the file is damaged.</exception>
    public float[] Floats(string name)
    {
        var view = _views.TryGetValue(name, out var found) ? found : throw _archive.Bad($"it has no tensor '{name}'. Found: {string.Join(", ", _views.Keys.Order(StringComparer.Ordinal).Take(20))}");
        var values = Values(view.Storage);
        var result = new float[view.Shape.Aggregate(1L, (product, size) => product * size)];
        var index = new long[view.Shape.Length];
        for (long i = 0, at = view.Offset; i < result.LongLength; i++)
        {
            result[i] = values[at];
            for (var d = index.Length - 1; d >= 0; d--)
            {
                at += view.Strides[d];
                if (++index[d] < view.Shape[d])
                {
                    break;
                }

                at -= view.Strides[d] * index[d];
                index[d] = 0;
            }
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _archive.Dispose();

    internal static float[] Widen(ReadOnlySpan<ushort> halves, SafetensorsType type)
    {
        var values = new float[halves.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = type == SafetensorsType.F16 ? (float)BitConverter.UInt16BitsToHalf(halves[i]) : BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
        }

        return values;
    }

    string Member(PickledTensorsMachine.Storage storage) => $"{_prefix}data/{storage.Key}";

    float[] Values(PickledTensorsMachine.Storage storage)
    {
        var bytes = _archive.Read(Member(storage));
        return storage.Type == SafetensorsType.F32 ? MemoryMarshal.Cast<byte, float>(bytes).ToArray() : Widen(MemoryMarshal.Cast<byte, ushort>(bytes), storage.Type);
    }

    void Check(string name, PickledTensorsMachine.View view)
    {
        var storage = view.Storage;
        var size = _archive.SizeOf(Member(storage)) ?? throw _archive.Bad($"tensor '{name}' lies in a member 'data/{storage.Key}' that is not there");
        if (size != checked(storage.Count * SafetensorsEntry.Size(storage.Type)))
        {
            throw _archive.Bad($"tensor '{name}' lies in 'data/{storage.Key}' of {size} bytes; expected {storage.Count} elements of {storage.Type}");
        }

        // More elements than the storage has would be an expanded tensor, which no state dict holds: its memory could not be bounded by the file.
        long count = 1, last = view.Offset;
        var fits = view.Offset >= 0 && view.Shape.Length == view.Strides.Length;
        for (var d = 0; fits && d < view.Shape.Length; d++)
        {
            fits = view.Shape[d] >= 0 && view.Strides[d] >= 0;
            count = checked(count * view.Shape[d]);
            last = checked(last + (Math.Max(0, view.Shape[d] - 1) * view.Strides[d]));
        }

        if (!fits || count > storage.Count || (count > 0 && last >= storage.Count))
        {
            throw _archive.Bad(
                $"tensor '{name}' of shape ({string.Join(", ", view.Shape)}), strides ({string.Join(", ", view.Strides)}) and offset {view.Offset} does not lie within the {storage.Count} elements of 'data/{storage.Key}'");
        }
    }
}
