using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace Trainer.Export;

/// <summary>Reads 32-bit floats of a safetensors file by the format's description alone: it shares no code with the reader and the writer that it checks.</summary>
sealed class PlainWeights : IDisposable
{
    readonly string _path;
    readonly SafeFileHandle _file;
    readonly Dictionary<string, (long[] Shape, long Start)> _tensors = new(StringComparer.Ordinal);

    public PlainWeights(string path)
    {
        _path = path;
        _file = File.OpenHandle(path);
        try
        {
            var prefix = new byte[8];
            Fill(prefix, 0);
            var length = BitConverter.ToInt64(prefix);
            if (length < 0 || length > RandomAccess.GetLength(_file) - 8)
            {
                throw Bad($"its header claims {length} bytes");
            }

            var header = new byte[length];
            Fill(header, 8);
            using var json = JsonDocument.Parse(header);
            foreach (var tensor in json.RootElement.EnumerateObject().Where(t => !t.NameEquals("__metadata__")))
            {
                if (tensor.Value.GetProperty("dtype").GetString() != "F32")
                {
                    throw Bad($"tensor '{tensor.Name}' is {tensor.Value.GetProperty("dtype")}, expected F32");
                }

                var shape = tensor.Value.GetProperty("shape").EnumerateArray().Select(s => s.GetInt64()).ToArray();
                _tensors.Add(tensor.Name, (shape, 8 + length + tensor.Value.GetProperty("data_offsets")[0].GetInt64()));
            }
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>Names of all tensors.</summary>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>Sizes of a tensor.</summary>
    public long[] Shape(string name) => Find(name).Shape;

    /// <summary>All values of a tensor of this shape, row-major.</summary>
    public float[] Read(string name, params long[] shape)
    {
        var (found, start) = Find(name);
        if (!found.AsSpan().SequenceEqual(shape))
        {
            throw Bad($"tensor '{name}' has shape ({string.Join(", ", found)}), expected ({string.Join(", ", shape)})");
        }

        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        Fill(MemoryMarshal.AsBytes(values.AsSpan()), start);
        return values;
    }

    /// <summary>One row of a matrix.</summary>
    public void ReadRow(string name, long row, Span<float> destination)
    {
        var (shape, start) = Find(name);
        if (shape.Length != 2 || shape[1] != destination.Length || row < 0 || row >= shape[0])
        {
            throw Bad($"tensor '{name}' has shape ({string.Join(", ", shape)}); row {row} of {destination.Length} values was asked for");
        }

        Fill(MemoryMarshal.AsBytes(destination), start + (row * destination.Length * sizeof(float)));
    }

    public void Dispose() => _file.Dispose();

    (long[] Shape, long Start) Find(string name) => _tensors.TryGetValue(name, out var found) ? found : throw Bad($"it has no tensor '{name}'");

    void Fill(Span<byte> destination, long at)
    {
        for (var done = 0; done < destination.Length;)
        {
            var read = RandomAccess.Read(_file, destination[done..], at + done);
            done += read > 0 ? read : throw Bad("it ends early");
        }
    }

    TrainerException Bad(string what) => new($"{_path}, read again after it was written: {what}.");
}
