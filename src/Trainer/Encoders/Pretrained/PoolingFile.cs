using System.Text.Json;
using Trainer.Encoders.Transformers;
using Trainer.Heads;

namespace Trainer.Encoders.Pretrained;

/// <summary>sentence-transformers' <c>1_Pooling/config.json</c>: one boolean per way of pooling (all versions read them), or a text <c>pooling_mode</c> (new ones).</summary>
static class PoolingFile
{
    static readonly (string Key, PoolingMode Mode)[] Flags =
    [
        ("pooling_mode_cls_token", PoolingMode.Cls), ("pooling_mode_mean_tokens", PoolingMode.Mean), ("pooling_mode_max_tokens", PoolingMode.Max),
        ("pooling_mode_mean_sqrt_len_tokens", PoolingMode.MeanSqrtLength), ("pooling_mode_weightedmean_tokens", PoolingMode.WeightedMean), ("pooling_mode_lasttoken", PoolingMode.LastToken),
    ];

    static readonly Dictionary<string, PoolingMode> Words = new(StringComparer.Ordinal)
    {
        ["cls"] = PoolingMode.Cls,
        ["mean"] = PoolingMode.Mean,
        ["max"] = PoolingMode.Max,
        ["mean_sqrt_len_tokens"] = PoolingMode.MeanSqrtLength,
        ["weightedmean"] = PoolingMode.WeightedMean,
        ["lasttoken"] = PoolingMode.LastToken,
    };

    /// <summary>Reads the mode; prompts must be part of what is pooled, as they are here.</summary>
    public static PoolingMode Read(string path, int hiddenSize, bool prompted)
    {
        using var json = ConfigKeys.Open(path, SentenceTransformersReader.MaxBytes);
        var keys = new ConfigKeys(json.RootElement, path);
        var width = keys.Whole("embedding_dimension", keys.Whole("word_embedding_dimension", hiddenSize));
        if (width != hiddenSize)
        {
            throw new TrainerException($"{path} says word_embedding_dimension {width}; {ModelFolder.ConfigFile} says hidden_size {hiddenSize}. Expected the same width.");
        }

        if (prompted && json.RootElement.TryGetProperty("include_prompt", out var include) && include.ValueKind == JsonValueKind.False)
        {
            throw new TrainerException($"{path} says include_prompt false: the prompt's tokens would be left out of pooling, which is not computed here; expected true, or no prompts.");
        }

        if (keys.Text("pooling_mode") is { } word)
        {
            return Words.TryGetValue(word, out var mode) ? mode : throw new TrainerException($"{path} says pooling_mode '{word}'; expected one of {string.Join(", ", Words.Keys)}.");
        }

        var on = Flags.Where(f => keys.Flag(f.Key)).ToList();
        return on.Count switch
        {
            0 => PoolingMode.Mean, // what sentence-transformers takes where every flag is off
            1 => on[0].Mode,
            _ => throw new TrainerException($"{path} asks for {string.Join(" and ", on.Select(f => f.Key))} side by side; expected one way of pooling."),
        };
    }
}
