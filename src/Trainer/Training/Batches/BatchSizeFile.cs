using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trainer.Training.Batches;

/// <summary>
/// Batch sizes found by trial, kept as JSON so that the next training need not look again: <c>{"format": 1, "entries": [{"device", "model", "precision", "setup", "sizes":
/// [{"max_length", "batch_size"}]}]}</c>. A file that cannot be used is passed over, with a message, and replaced by the next one that is kept.
/// </summary>
public static class BatchSizeFile
{
    /// <summary>Version of the file.</summary>
    public const int Format = 1;

    const int MostBytes = 1 << 20, MostRows = 65536;

    /// <summary>Sizes that were kept.</summary>
    /// <param name="path">The file; it need not exist.</param>
    /// <param name="key">What they must have been found for.</param>
    /// <param name="lengths">The buckets they must be of.</param>
    /// <param name="log">Told why a file that is there is passed over.</param>
    /// <returns>The sizes, or null.</returns>
    public static IReadOnlyList<BucketSize>? Find(string path, TuningKey key, IReadOnlyList<int> lengths, Action<string> log) =>
        Read(path, log).FirstOrDefault(e => e.Key == key && e.Sizes.Select(s => s.MaxLength).SequenceEqual(lengths))?.Sizes;

    /// <summary>Keeps sizes beside those of other keys; the file appears whole or not at all. Equal contents give equal bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="key">What they were found for; what was kept for it before is replaced.</param>
    /// <param name="sizes">The sizes.</param>
    /// <param name="log">Told why a file that is there is replaced.</param>
    public static void Store(string path, TuningKey key, IReadOnlyList<BucketSize> sizes, Action<string> log)
    {
        var entries = Read(path, log).Where(e => e.Key != key).Append(new Entry(key.Device, key.Model, key.Precision, key.Setup, [.. sizes])).OrderBy(e => string.Join('\0', e.Device, e.Model, e.Precision, e.Setup), StringComparer.Ordinal);
        var temporary = path + ".tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(new Contents(Format, [.. entries]), BatchSizeJson.Default.Contents) + "\n");
        File.Move(temporary, path, overwrite: true);
    }

    static IReadOnlyList<Entry> Read(string path, Action<string> log)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            var contents = JsonSerializer.Deserialize(UntrustedFile.Read(path, MostBytes, "batch sizes"), BatchSizeJson.Default.Contents) ?? throw new JsonException("It holds null.");
            return Fault(contents) is { } fault ? throw new JsonException(fault) : contents.Entries;
        }
        catch (Exception error) when (error is JsonException or TrainerException or IOException or UnauthorizedAccessException)
        {
            log($"{path} is passed over, batch sizes are found anew: {error.Message}");
            return [];
        }
    }

    static string? Fault(Contents contents)
    {
        if (contents.Format != Format)
        {
            return $"It is of format {contents.Format}; expected {Format}.";
        }

        foreach (var (at, entry) in contents.Entries.Index())
        {
            if (entry is null || entry.Sizes.Length == 0)
            {
                return $"entries[{at}] has no sizes.";
            }

            for (var i = 0; i < entry.Sizes.Length; i++)
            {
                if (entry.Sizes[i] is not { } size || size.BatchSize is < 1 or > MostRows || size.MaxLength <= (i == 0 ? 0 : entry.Sizes[i - 1].MaxLength))
                {
                    return $"entries[{at}].sizes[{i}] is {entry.Sizes[i]}; expected lengths that rise from 1 and sizes from 1 to {MostRows}.";
                }
            }
        }

        return null;
    }

    internal sealed record Contents(int Format, Entry[] Entries);

    internal sealed record Entry(string Device, string Model, string Precision, string Setup, BucketSize[] Sizes)
    {
        [JsonIgnore]
        public TuningKey Key => new(Device, Model, Precision, Setup);
    }
}

/// <summary>How the file is read and written, made when the program is compiled: a trimmed program has no other way.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(BatchSizeFile.Contents))]
sealed partial class BatchSizeJson : JsonSerializerContext;
