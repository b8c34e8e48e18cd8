using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Trainer.Checkpoints;

/// <summary>
/// Reads safetensors files from anywhere. The header must lie within the file and be at most 100 MB; see <see cref="SafetensorsHeader"/> for what it is checked for. No more is
/// allocated than the file has bytes for.
/// </summary>
public sealed class SafetensorsReader : IDisposable
{
    /// <summary>Largest header accepted, bytes: the bound of the reference implementation.</summary>
    public const int MaxHeader = 100_000_000;

    const string Expected = "a safetensors file";

    readonly string _path;
    readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    readonly Dictionary<string, SafetensorsEntry> _entries;
    readonly Dictionary<string, string> _metadata;

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="TrainerException">Missing, or not a sound safetensors file; the message says why.</exception>
    public SafetensorsReader(string path)
    {
        _path = path;
        _file = UntrustedFile.Open(path, Expected);
        try
        {
            (_entries, _metadata) = ReadHeader();
        }
        catch (FormatException error)
        {
            _file.Dispose();
            throw new TrainerException($"{path} is not a sound safetensors file: {error.Message}.", error);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The tensors, in file order.</summary>
    public IReadOnlyCollection<SafetensorsEntry> Entries => _entries.Values;

    /// <summary>The file's own key-value notes.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _metadata;

    /// <summary>The tensor with this name, of this type and shape.</summary>
    /// <exception cref="TrainerException">Absent, or other than expected.</exception>
    public SafetensorsEntry Expect(string name, SafetensorsType type, params ReadOnlySpan<long> shape)
    {
        var found = _entries.GetValueOrDefault(name)
            ?? throw new TrainerException(
                $"{_path} has no tensor '{name}'; expected {type} ({string.Join(", ", shape.ToArray())}). Found: {string.Join(", ", _entries.Keys.Take(20).Select(SafetensorsHeader.Shown))}.");
        return found.Type == type && shape.SequenceEqual(found.Shape.ToArray())
            ? found
            : throw new TrainerException(
                $"{_path}, tensor '{name}': found {found.Type} ({string.Join(", ", found.Shape)}), expected {type} ({string.Join(", ", shape.ToArray())}).");
    }

    /// <summary>Reads all of a tensor's bytes.</summary>
    public void Read(SafetensorsEntry entry, Span<byte> destination)
    {
        if (destination.Length != entry.Bytes)
        {
            throw new ArgumentException($"Tensor '{entry.Name}' has {entry.Bytes} bytes, the destination {destination.Length}.", nameof(destination));
        }

        Fill(destination, entry.Offset);
    }

    /// <summary>Reads a tensor of 32-bit floats with this shape.</summary>
    /// <exception cref="TrainerException">Absent, or other than expected.</exception>
    public float[] Floats(string name, params ReadOnlySpan<long> shape)
    {
        var entry = Expect(name, SafetensorsType.F32, shape);
        if (entry.Bytes / sizeof(float) > Array.MaxLength)
        {
            throw new TrainerException($"{_path}, tensor '{name}': found {entry.Bytes / sizeof(float)} values, expected at most {Array.MaxLength} in one tensor.");
        }

        // A span of bytes ends at 2^31, an array of floats does not.
        const int AtOnce = 1 << 28;
        var values = new float[entry.Bytes / sizeof(float)];
        for (var done = 0; done < values.Length; done += Math.Min(AtOnce, values.Length - done))
        {
            Fill(MemoryMarshal.AsBytes(values.AsSpan(done, Math.Min(AtOnce, values.Length - done))), entry.Offset + ((long)done * sizeof(float)));
        }

        return values;
    }

    /// <summary>Reads a tensor whole.</summary>
    /// <exception cref="TrainerException">It has more bytes than fit in an array.</exception>
    public SafetensorsTensor Tensor(SafetensorsEntry entry)
    {
        if (entry.Bytes > Array.MaxLength)
        {
            throw new TrainerException($"{_path}, tensor '{entry.Name}': found {entry.Bytes} bytes, expected at most {Array.MaxLength}.");
        }

        var data = GC.AllocateUninitializedArray<byte>((int)entry.Bytes);
        Read(entry, data);
        return new(entry.Name, entry.Type, entry.Shape, data);
    }

    /// <summary>Reads a single whole number, I64 of shape ().</summary>
    /// <exception cref="TrainerException">Absent, or other than expected.</exception>
    public long Number(string name)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        Read(Expect(name, SafetensorsType.I64), bytes);
        return BinaryPrimitives.ReadInt64LittleEndian(bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    (Dictionary<string, SafetensorsEntry> Entries, Dictionary<string, string> Metadata) ReadHeader()
    {
        var size = RandomAccess.GetLength(_file);
        if (size < 8)
        {
            throw new FormatException($"it has {size} bytes, fewer than a header's length");
        }

        Span<byte> prefix = stackalloc byte[8];
        Fill(prefix, 0);
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeader || (long)length > size - 8)
        {
            throw new FormatException($"its header claims {length} bytes, the file has {size} and at most {MaxHeader} are allowed");
        }

        var header = new byte[length];
        Fill(header, 8);
        return SafetensorsHeader.Parse(header, 8 + (long)length, size - 8 - (long)length);
    }

    void Fill(Span<byte> destination, long offset)
    {
        for (var done = 0; done < destination.Length;)
        {
            var read = RandomAccess.Read(_file, destination[done..], offset + done);
            done += read > 0 ? read : throw new TrainerException($"{_path} is not a sound safetensors file: it ended early, at {offset + done} bytes.");
        }
    }
}
