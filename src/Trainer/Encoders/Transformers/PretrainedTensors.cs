using System.Runtime.InteropServices;
using System.Text.Json;
using Trainer.Checkpoints;

namespace Trainer.Encoders.Transformers;

/// <summary>
/// The encoder's tensors of a Hugging Face folder: one <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names. Names are read with or
/// without the model's prefix, and with the <c>gamma</c> and <c>beta</c> that old conversions gave layer norms. Values of F32, F16 and BF16 become 32-bit floats.
/// </summary>
public sealed class PretrainedTensors : IDisposable
{
    /// <summary>Name of the list of shards.</summary>
    public const string IndexFile = "model.safetensors.index.json";

    // Indexes of the largest models have a tenth of it.
    const long MaxIndex = 16 << 20;

    // Buffers that old versions saved: they hold 0, 1, 2, ..., zeros and the rotary frequencies, which are computed here.
    static readonly string[] Buffers = ["embeddings.position_ids", "embeddings.token_type_ids"];
    const string RotaryBuffer = ".rotary_emb.inv_freq";

    readonly string _label;
    readonly List<SafetensorsReader> _files = [];
    readonly Dictionary<string, (SafetensorsReader File, string Path, SafetensorsEntry Entry)> _tensors = new(StringComparer.Ordinal);

    /// <summary>Opens the files and sorts their tensors into the encoder's and foreign ones.</summary>
    /// <param name="files">The folder.</param>
    /// <param name="config">What its configuration says.</param>
    /// <exception cref="TrainerException">A file is missing or unsound; a tensor is missing, occurs twice, has another shape or type, or belongs to an encoder of another shape.</exception>
    public PretrainedTensors(FileSet files, TransformerConfig config)
    {
        _label = files.Label;
        try
        {
            var foreign = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var path in WeightFiles(files))
            {
                var file = new SafetensorsReader(path);
                _files.Add(file);
                foreach (var entry in file.Entries)
                {
                    Sort(file, path, entry, config, foreign);
                }
            }

            Foreign = [.. foreign];
            Check(config);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Tensors that are not the encoder's (pooler, heads, buffers), by their names in the files, in ordinal order: tell the user that they are not used.</summary>
    public IReadOnlyList<string> Foreign { get; }

    /// <summary>Values of a tensor, row-major.</summary>
    public float[] Read(string name)
    {
        var (file, path, entry) = _tensors[name];
        if (entry.Type == SafetensorsType.F32)
        {
            var values = new float[entry.Bytes / sizeof(float)];
            file.Read(entry, Bytes(values, path, entry));
            return values;
        }

        var halves = new ushort[entry.Bytes / sizeof(ushort)];
        file.Read(entry, Bytes(halves, path, entry));
        return Array.ConvertAll<ushort, float>(
            halves, entry.Type == SafetensorsType.F16 ? bits => (float)BitConverter.UInt16BitsToHalf(bits) : bits => BitConverter.UInt32BitsToSingle((uint)bits << 16));
    }

    /// <inheritdoc/>
    public void Dispose() => _files.ForEach(f => f.Dispose());

    static Span<byte> Bytes<T>(T[] values, string path, SafetensorsEntry entry)
        where T : unmanaged => entry.Bytes <= int.MaxValue
        ? MemoryMarshal.AsBytes(values.AsSpan())
        : throw new TrainerException($"{path}, tensor '{entry.Name}' has {entry.Bytes} bytes; at most {int.MaxValue} can be read.");

    static IEnumerable<string> WeightFiles(FileSet files)
    {
        if (files.Has(ModelFolder.WeightsFile) || !files.Has(IndexFile))
        {
            return [files[ModelFolder.WeightsFile]];
        }

        var path = files[IndexFile];
        try
        {
            using var json = ConfigKeys.Open(path, MaxIndex);
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("weight_map", out var map) || map.ValueKind != JsonValueKind.Object)
            {
                throw new TrainerException($"{path} has no object weight_map; expected tensor names with the file each lies in.");
            }

            // Only names of the set's own files are opened, so that an index cannot point elsewhere.
            var names = map.EnumerateObject().Select(p => p.Value.GetString() ?? "").ToHashSet(StringComparer.Ordinal);
            return names.Count > 0 ? [.. names.Order(StringComparer.Ordinal).Select(n => files[n])] : throw new TrainerException($"{path} names no file in weight_map.");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new TrainerException($"{path} is not an index of safetensors files: {error.Message}", error);
        }
    }

    void Sort(SafetensorsReader file, string path, SafetensorsEntry entry, TransformerConfig config, SortedSet<string> foreign)
    {
        var prefix = config.Prefix;
        var name = entry.Name.StartsWith(prefix, StringComparison.Ordinal) ? entry.Name[prefix.Length..] : entry.Name;
        name = name.EndsWith(".LayerNorm.gamma", StringComparison.Ordinal) ? name[..^"gamma".Length] + "weight"
            : name.EndsWith(".LayerNorm.beta", StringComparison.Ordinal) ? name[..^"beta".Length] + "bias" : name;
        if (!TransformerTensors.IsEncoders(config, name) || Buffers.Contains(name) || name.EndsWith(RotaryBuffer, StringComparison.Ordinal))
        {
            foreign.Add(entry.Name);
        }
        else if (!_tensors.TryAdd(name, (file, path, entry)))
        {
            throw new TrainerException($"{path}, tensor '{entry.Name}' is there twice: '{_tensors[name].Entry.Name}' of {_tensors[name].Path} names the same part of the encoder.");
        }
    }

    void Check(TransformerConfig config)
    {
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, shape) in TransformerTensors.Of(config))
        {
            expected.Add(name);
            if (!_tensors.TryGetValue(name, out var found))
            {
                throw new TrainerException(
                    $"{_label} has no tensor '{name}' (with or without '{config.Prefix}'), which {ModelFolder.ConfigFile} asks for with shape ({string.Join(", ", shape)}). " +
                    $"Found: {string.Join(", ", _tensors.Keys.Concat(Foreign).Order(StringComparer.Ordinal).Take(10))}.");
            }

            if (found.Entry.Type is not (SafetensorsType.F32 or SafetensorsType.F16 or SafetensorsType.BF16))
            {
                throw new TrainerException($"{found.Path}, tensor '{found.Entry.Name}' is {found.Entry.Type}; expected F32, F16 or BF16.");
            }

            if (!found.Entry.Shape.SequenceEqual(shape))
            {
                throw new TrainerException(
                    $"{found.Path}, tensor '{found.Entry.Name}' has shape ({string.Join(", ", found.Entry.Shape)}); {ModelFolder.ConfigFile} asks for ({string.Join(", ", shape)}).");
            }
        }

        if (_tensors.Where(t => !expected.Contains(t.Key)).Select(t => t.Value.Entry.Name).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } extra)
        {
            throw new TrainerException(
                $"{_label} has {extra.Count} tensors in the encoder that {ModelFolder.ConfigFile} does not account for: {string.Join(", ", extra.Take(10))}. " +
                $"Expected {config.Layers} layers of {config.ModelType}; is the configuration another model's?");
        }
    }
}
