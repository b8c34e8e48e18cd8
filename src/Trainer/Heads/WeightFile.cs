using System.Runtime.InteropServices;
using Trainer.Checkpoints;

namespace Trainer.Heads;

/// <summary>A file of named tensors: safetensors by its ending, else what <c>torch.save</c> made of a state dict. Values of F32, F16 and BF16 are read as 32-bit floats.</summary>
sealed class WeightFile : IDisposable
{
    readonly string _path;
    readonly SafetensorsReader? _safetensors;
    readonly PickledTensors? _pickled;

    /// <param name="path">The file.</param>
    /// <param name="name">The name it goes by, whose ending says what it is: an artifact's store names files otherwise.</param>
    public WeightFile(string path, string name)
    {
        _path = path;
        if (name.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            _safetensors = new SafetensorsReader(path);
        }
        else
        {
            _pickled = new PickledTensors(path);
        }
    }

    /// <summary>The first of these files that is there; null where none is.</summary>
    public static WeightFile? Find(FileSet files, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (files.Has(name))
            {
                return new WeightFile(files[name], name);
            }
        }

        return null;
    }

    public bool Has(string name) => ShapeOf(name) is not null;

    /// <summary>First size of a tensor of two.</summary>
    public int Rows(string name)
    {
        var shape = ShapeOf(name) ?? throw Missing(name);
        return shape.Count == 2 && shape[0] is > 0 and < int.MaxValue
            ? (int)shape[0]
            : throw new TrainerException($"{_path}, tensor '{name}' has shape ({string.Join(", ", shape)}); expected a matrix (out, in).");
    }

    /// <summary>Values of a tensor of this shape, row-major.</summary>
    public float[] Floats(string name, params ReadOnlySpan<long> shape)
    {
        var found = ShapeOf(name) ?? throw Missing(name);
        if (!shape.SequenceEqual(found.ToArray()))
        {
            throw new TrainerException($"{_path}, tensor '{name}' has shape ({string.Join(", ", found)}); expected ({string.Join(", ", shape.ToArray())}).");
        }

        if (_pickled is not null)
        {
            return _pickled.Floats(name);
        }

        var entry = _safetensors!.Entries.First(e => e.Name == name);
        if (entry.Bytes > int.MaxValue)
        {
            throw new TrainerException($"{_path}, tensor '{name}' has {entry.Bytes} bytes; at most {int.MaxValue} can be read.");
        }

        switch (entry.Type)
        {
            case SafetensorsType.F32:
                return _safetensors.Floats(name, shape);
            case SafetensorsType.F16 or SafetensorsType.BF16:
                var halves = new ushort[entry.Bytes / sizeof(ushort)];
                _safetensors.Read(entry, MemoryMarshal.AsBytes(halves.AsSpan()));
                return PickledTensors.Widen(halves, entry.Type);
            default:
                throw new TrainerException($"{_path}, tensor '{name}' is {entry.Type}; expected F32, F16 or BF16.");
        }
    }

    public void Dispose()
    {
        _safetensors?.Dispose();
        _pickled?.Dispose();
    }

    IReadOnlyList<long>? ShapeOf(string name) => _pickled is not null ? _pickled.Entries.GetValueOrDefault(name)?.Shape : _safetensors!.Entries.FirstOrDefault(e => e.Name == name)?.Shape;

    TrainerException Missing(string name) => new(
        $"{_path} has no tensor '{name}'. Found: {string.Join(", ", (_pickled?.Entries.Keys ?? _safetensors!.Entries.Select(e => e.Name)).Order(StringComparer.Ordinal).Take(20))}.");
}
