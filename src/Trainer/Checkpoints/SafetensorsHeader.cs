using System.Text.Json;

namespace Trainer.Checkpoints;

/// <summary>
/// The header of a safetensors file, read token by token: what it takes is of the order of what it holds. Nothing in it is believed before it is checked: names are unique, types
/// known, sizes and offsets within the data and in keeping, and the tensors cover the data exactly, without overlap or hole (as the format demands).
/// </summary>
static class SafetensorsHeader
{
    /// <summary>Sizes a tensor may have: several times what any library allows.</summary>
    const int MaxRank = 64;

    /// <summary>Parses a header.</summary>
    /// <param name="header">Its bytes: JSON, blanks behind it allowed.</param>
    /// <param name="start">Where the data starts in the file.</param>
    /// <param name="length">Bytes of data.</param>
    /// <returns>The tensors in the header's order, and the file's own notes.</returns>
    /// <exception cref="FormatException">It is unsound; the message says how.</exception>
    public static (Dictionary<string, SafetensorsEntry> Entries, Dictionary<string, string> Metadata) Parse(ReadOnlySpan<byte> header, long start, long length)
    {
        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            var json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = 8 });
            json.Read();
            Require(ref json, JsonTokenType.StartObject, "the header", "an object");
            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString()!;
                json.Read();
                if (name == "__metadata__")
                {
                    ReadMetadata(ref json, metadata);
                }
                else if (!entries.TryAdd(name, ReadEntry(ref json, name, start, length)))
                {
                    throw new FormatException($"tensor '{Shown(name)}' occurs twice");
                }
            }

            while (json.Read())
            {
                // Anything but blanks behind the object is a fault, which reading on finds.
            }
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new FormatException($"its header is no JSON of a header: {error.Message}", error);
        }

        CheckCover(entries, start, length);
        return (entries, metadata);
    }

    /// <summary>A name as a message may show it: of one line, and not endless.</summary>
    public static string Shown(string name)
    {
        var line = string.Create(Math.Min(name.Length, 120), name, static (text, whole) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = char.IsControl(whole[i]) ? '?' : whole[i];
            }
        });
        return name.Length > line.Length ? line + "..." : line;
    }

    static void ReadMetadata(ref Utf8JsonReader json, Dictionary<string, string> metadata)
    {
        Require(ref json, JsonTokenType.StartObject, "__metadata__", "an object of texts");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            json.Read();
            Require(ref json, JsonTokenType.String, $"__metadata__ '{Shown(key)}'", "a text");
            if (!metadata.TryAdd(key, json.GetString()!))
            {
                throw new FormatException($"__metadata__ has '{Shown(key)}' twice");
            }
        }
    }

    static SafetensorsEntry ReadEntry(ref Utf8JsonReader json, string name, long start, long length)
    {
        Require(ref json, JsonTokenType.StartObject, $"tensor '{Shown(name)}'", "an object");
        SafetensorsType? type = null;
        long[]? shape = null;
        long[]? offsets = null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.ValueTextEquals("dtype") ? "dtype" : json.ValueTextEquals("shape") ? "shape" : json.ValueTextEquals("data_offsets") ? "data_offsets" : "";
            json.Read();
            switch (key)
            {
                case "dtype" when type is null:
                    type = ReadType(ref json, name);
                    break;
                case "shape" when shape is null:
                    shape = ReadNumbers(ref json, name, key, MaxRank);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = ReadNumbers(ref json, name, key, 2);
                    break;
                case "":
                    json.Skip();
                    break;
                default:
                    throw new FormatException($"tensor '{Shown(name)}' has {key} twice");
            }
        }

        var missing = type is null ? "dtype" : shape is null ? "shape" : offsets is null ? "data_offsets" : null;
        return missing is null ? Entry(name, type!.Value, shape!, offsets!, start, length) : throw new FormatException($"tensor '{Shown(name)}' has no {missing}");
    }

    static SafetensorsType ReadType(ref Utf8JsonReader json, string name)
    {
        Require(ref json, JsonTokenType.String, $"the dtype of tensor '{Shown(name)}'", "a text");
        var text = json.GetString()!;
        return Enum.TryParse<SafetensorsType>(text, out var type) && type.ToString() == text
            ? type
            : throw new FormatException($"tensor '{Shown(name)}' has unknown dtype '{Shown(text)}', expected one of {string.Join(", ", Enum.GetNames<SafetensorsType>())}");
    }

    static long[] ReadNumbers(ref Utf8JsonReader json, string name, string key, int most)
    {
        Require(ref json, JsonTokenType.StartArray, $"{key} of tensor '{Shown(name)}'", "an array of whole numbers");
        var numbers = new List<long>();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out var number))
            {
                throw new FormatException($"tensor '{Shown(name)}' has {json.TokenType} in {key}, expected whole numbers below 2^63");
            }

            numbers.Add(numbers.Count < most ? number : throw new FormatException($"tensor '{Shown(name)}' has more than {most} numbers in {key}"));
        }

        return [.. numbers];
    }

    static SafetensorsEntry Entry(string name, SafetensorsType type, long[] shape, long[] offsets, long start, long length)
    {
        long bytes = shape.Contains(0) ? 0 : SafetensorsEntry.Size(type);
        foreach (var size in shape)
        {
            if (size < 0)
            {
                throw new FormatException($"tensor '{Shown(name)}' has a negative size in its shape ({string.Join(", ", shape)})");
            }

            // One zero makes the tensor empty, whatever its other sizes.
            if (bytes > 0 && bytes > long.MaxValue / size)
            {
                throw new FormatException($"tensor '{Shown(name)}' has the shape ({string.Join(", ", shape)}), of more bytes than a file can have");
            }

            bytes *= size;
        }

        return offsets.Length == 2 && offsets[0] >= 0 && offsets[1] >= offsets[0] && offsets[1] <= length && offsets[1] - offsets[0] == bytes
            ? new SafetensorsEntry(name, type, shape, start + offsets[0], bytes)
            : throw new FormatException(
                $"tensor '{Shown(name)}' has offsets [{string.Join(", ", offsets)}]; its shape asks for {bytes} bytes within the {length} of the file's data");
    }

    static void CheckCover(Dictionary<string, SafetensorsEntry> entries, long start, long length)
    {
        var end = start;
        foreach (var entry in entries.Values.OrderBy(e => e.Offset).ThenBy(e => e.Bytes))
        {
            end = entry.Offset == end
                ? end + entry.Bytes
                : throw new FormatException($"tensor '{Shown(entry.Name)}' starts at {entry.Offset - start}, expected {end - start}: tensors overlap or leave a hole");
        }

        if (end != start + length)
        {
            throw new FormatException($"{start + length - end} bytes after the last tensor belong to none");
        }
    }

    static void Require(ref Utf8JsonReader json, JsonTokenType expected, string what, string words)
    {
        if (json.TokenType != expected)
        {
            throw new FormatException($"{what} is {json.TokenType}, expected {words}");
        }
    }
}
