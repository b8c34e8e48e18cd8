using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Trainer.Checkpoints;

/// <summary>
/// Reads safetensors files from anywhere: nothing in the header is believed before it is checked. The header must lie within the file and be at most 100 MB, names
/// unique, types known, shapes and offsets consistent, and the tensors must cover the data exactly, without overlap or hole (as the format demands).
/// </summary>
public sealed class SafetensorsReader : IDisposable
{
    /// <summary>Largest header accepted, bytes: the bound of the reference implementation.</summary>
    public const int MaxHeader = 100_000_000;

    readonly string _path;
    readonly Microsoft.Win32.SafeHandles.SafeFileHandle _file;
    readonly Dictionary<string, SafetensorsEntry> _entries = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> _metadata = new(StringComparer.Ordinal);

    /// <summary>Opens a file and checks its header.</summary>
    /// <exception cref="TrainerException">Missing, or not a sound safetensors file; the message says why.</exception>
    public SafetensorsReader(string path)
    {
        _path = path;
        if (!File.Exists(path))
        {
            throw new TrainerException($"{path} does not exist; expected a safetensors file.");
        }

        _file = File.OpenHandle(path);
        try
        {
            ReadHeader();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            _file.Dispose();
            throw new TrainerException($"{path} is not a sound safetensors file: {error.Message}", error);
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
            ?? throw new TrainerException($"{_path} has no tensor '{name}'. Found: {string.Join(", ", _entries.Keys.Take(20))}.");
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

        for (var done = 0; done < destination.Length;)
        {
            var read = RandomAccess.Read(_file, destination[done..], entry.Offset + done);
            done += read > 0 ? read : throw Bad("the file ended early");
        }
    }

    /// <summary>Reads a tensor of 32-bit floats with this shape.</summary>
    /// <exception cref="TrainerException">Absent, or other than expected.</exception>
    public float[] Floats(string name, params ReadOnlySpan<long> shape)
    {
        var entry = Expect(name, SafetensorsType.F32, shape);
        var values = new float[entry.Bytes / sizeof(float)];
        Read(entry, MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    void ReadHeader()
    {
        var size = RandomAccess.GetLength(_file);
        Span<byte> prefix = stackalloc byte[8];
        if (RandomAccess.Read(_file, prefix, 0) < 8)
        {
            throw Bad($"it has {size} bytes, fewer than a header's length");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxHeader || (long)length > size - 8)
        {
            throw Bad($"its header claims {length} bytes, the file has {size} and at most {MaxHeader} are allowed");
        }

        var header = new byte[length];
        for (var done = 0; done < header.Length;)
        {
            var read = RandomAccess.Read(_file, header.AsSpan(done), 8 + done);
            done += read > 0 ? read : throw Bad("the file ended early");
        }

        var data = 8 + (long)length;
        using var json = JsonDocument.Parse(header, new JsonDocumentOptions { MaxDepth = 8 });
        foreach (var property in json.RootElement.EnumerateObject())
        {
            if (property.NameEquals("__metadata__"))
            {
                foreach (var note in property.Value.EnumerateObject())
                {
                    _metadata[note.Name] = note.Value.GetString() ?? "";
                }
            }
            else if (!_entries.TryAdd(property.Name, Entry(property.Name, property.Value, data, size)))
            {
                throw Bad($"tensor '{property.Name}' occurs twice");
            }
        }

        CheckCover(data, size);
    }

    SafetensorsEntry Entry(string name, JsonElement value, long data, long size)
    {
        var typeName = Member(name, value, "dtype").GetString();
        if (!Enum.TryParse<SafetensorsType>(typeName, out var type) || type.ToString() != typeName)
        {
            throw Bad($"tensor '{name}' has unknown dtype '{typeName}'");
        }

        var shape = Member(name, value, "shape").EnumerateArray().Select(s => s.GetInt64()).ToArray();
        var offsets = Member(name, value, "data_offsets").EnumerateArray().Select(o => o.GetInt64()).ToArray();
        long bytes = SafetensorsEntry.Size(type);
        foreach (var length in shape)
        {
            bytes = length >= 0 ? checked(bytes * length) : throw Bad($"tensor '{name}' has a negative size");
        }

        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > size - data || offsets[1] - offsets[0] != bytes)
        {
            throw Bad($"tensor '{name}' has offsets [{string.Join(", ", offsets)}]; its shape asks for {bytes} bytes within the {size - data} of the file's data");
        }

        return new SafetensorsEntry(name, type, shape, data + offsets[0], bytes);
    }

    JsonElement Member(string name, JsonElement value, string key) =>
        value.TryGetProperty(key, out var member) ? member : throw Bad($"tensor '{name}' has no {key}");

    void CheckCover(long data, long size)
    {
        var end = data;
        foreach (var entry in _entries.Values.OrderBy(e => e.Offset).ThenBy(e => e.Bytes))
        {
            end = entry.Offset == end ? end + entry.Bytes : throw Bad($"tensor '{entry.Name}' starts at {entry.Offset - data}, expected {end - data}: tensors overlap or leave a hole");
        }

        if (end != size)
        {
            throw Bad($"{size - end} bytes after the last tensor belong to none");
        }
    }

    TrainerException Bad(string what) => new($"{_path} is not a sound safetensors file: {what}.");
}
