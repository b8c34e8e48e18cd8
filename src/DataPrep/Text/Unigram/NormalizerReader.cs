using System.Text.Json;

namespace DataPrep.Text.Unigram;

/// <summary>Reads the normalizer of a tokenizer.json into steps and refuses, by name, what is not supported.</summary>
sealed class NormalizerReader(string path)
{
    const int MostSteps = 64;

    // Replacements that make a text longer multiply: a few lines of them could fill any memory.
    const double MostGrowth = 256;

    readonly List<TextNormalizer> steps = [];
    double growth = 1;

    public IReadOnlyList<TextNormalizer> Read(JsonElement root)
    {
        if (root.TryGetProperty("normalizer", out var normalizer) && normalizer.ValueKind != JsonValueKind.Null)
        {
            Append(normalizer);
        }

        return steps;
    }

    void Append(JsonElement normalizer)
    {
        if (steps.Count == MostSteps)
        {
            throw new DataPrepException($"{path}: normalizer has more than {MostSteps} steps. Expected at most that many.");
        }

        var type = normalizer.GetProperty("type").GetString();
        switch (type)
        {
            case "Sequence":
                foreach (var step in normalizer.GetProperty("normalizers").EnumerateArray())
                {
                    Append(step);
                }

                break;
            case "Precompiled":
                AppendCharsMap(normalizer.GetProperty("precompiled_charsmap"));
                break;
            case "Replace":
                steps.Add(Replace(normalizer.GetProperty("pattern"), normalizer.GetProperty("content").Text()));
                break;
            case "Prepend":
                steps.Add(Prepend(normalizer.GetProperty("prepend").Text()));
                break;
            case "Strip":
                steps.Add(new StripNormalizer(normalizer.GetProperty("strip_left").GetBoolean(), normalizer.GetProperty("strip_right").GetBoolean()));
                break;
            case "Lowercase":
                steps.Add(new LowercaseNormalizer());
                break;
            case "NFC" or "NFD" or "NFKC" or "NFKD":
                steps.Add(new FormNormalizer(Enum.Parse<UnicodeForm>(type, ignoreCase: true)));
                break;
            case "Nmt":
                steps.Add(new NmtNormalizer());
                break;
            default:
                throw new DataPrepException(
                    $"{path}: normalizer has a step of type {type}. Expected Sequence, Precompiled, Replace, Prepend, Strip, Lowercase, Nmt, NFC, NFD, NFKC or NFKD: only these are supported.");
        }
    }

    void AppendCharsMap(JsonElement map)
    {
        // Hugging Face's converter writes null or an empty map where SentencePiece's rule is "identity".
        if (map.ValueKind == JsonValueKind.Null || map.Text().Length == 0)
        {
            return;
        }

        if (!map.TryGetBytesFromBase64(out var bytes))
        {
            throw new DataPrepException($"{path}: normalizer.precompiled_charsmap is no base64. Expected the map that SentencePiece makes, in base64.");
        }

        steps.Add(new CharsMapNormalizer(new CharsMap(bytes, $"{path}: normalizer.precompiled_charsmap")));
    }

    PrependNormalizer Prepend(string prefix) => prefix.Length <= 1024
        ? new PrependNormalizer(prefix)
        : throw new DataPrepException($"{path}: normalizer sets {prefix.Length} characters before a text. Expected at most 1024.");

    ReplaceNormalizer Replace(JsonElement pattern, string content)
    {
        if (content.Length > 1024)
        {
            throw new DataPrepException($"{path}: normalizer replaces by {content.Length} characters. Expected at most 1024.");
        }

        growth *= Math.Max(1, content.Length / Math.Max(1.0, pattern.TryGetProperty("String", out var replaced) ? replaced.Text().Length : 2));
        if (growth > MostGrowth)
        {
            throw new DataPrepException($"{path}: normalizer makes a text up to {growth:N0} times as long. Expected at most {MostGrowth} times.");
        }

        if (pattern.TryGetProperty("Regex", out var regex))
        {
            return regex.GetString() == ReplaceNormalizer.Spaces
                ? new ReplaceNormalizer(null, content)
                : throw new DataPrepException($"{path}: normalizer replaces the regular expression \"{regex.GetString()}\". Expected \"{ReplaceNormalizer.Spaces}\" or a plain string: only these are supported.");
        }

        var text = pattern.GetProperty("String").Text();
        return text.Length > 0 ? new ReplaceNormalizer(text, content) : throw new DataPrepException($"{path}: normalizer replaces the empty string. Expected a pattern of one character or more.");
    }
}
