using Trainer.Encoders;
using Trainer.Heads;

namespace Trainer.Export;

/// <summary>
/// The files that make a Transformers folder a sentence-transformers model. They load in version 2.2 and in those of today: module names are the old ones, which later versions
/// still resolve, and the pooling file has the boolean keys. Version 2.2 refuses pooling keys that it does not know, so those of later modes are written for those modes alone.
/// </summary>
public static class SentenceTransformersFiles
{
    /// <summary>List of modules.</summary>
    public const string Modules = "modules.json";

    /// <summary>Configuration of the pooling module.</summary>
    public const string PoolingConfig = "1_Pooling/config.json";

    /// <summary>Configuration of the transformer module: length in tokens.</summary>
    public const string TransformerModule = "sentence_bert_config.json";

    /// <summary>Prompts and similarity.</summary>
    public const string ModelConfigFile = "config_sentence_transformers.json";

    /// <summary>What has no place in sentence-transformers' files: lengths that differ between the roles, Matryoshka lengths.</summary>
    public const string OwnConfig = "workflow.json";

    // The four of version 2.2 first; each is read by its name.
    static readonly (PoolingMode Mode, string Key)[] PoolingKeys =
    [
        (PoolingMode.Cls, "pooling_mode_cls_token"), (PoolingMode.Mean, "pooling_mode_mean_tokens"), (PoolingMode.Max, "pooling_mode_max_tokens"),
        (PoolingMode.MeanSqrtLength, "pooling_mode_mean_sqrt_len_tokens"), (PoolingMode.WeightedMean, "pooling_mode_weightedmean_tokens"),
        (PoolingMode.LastToken, "pooling_mode_lasttoken"),
    ];

    /// <summary>Writes the files of a transformer with pooling, and with normalisation where the configuration says so.</summary>
    /// <param name="folder">The model's folder, which is there.</param>
    /// <param name="config">Dimensions, normalisation, prompts, lengths.</param>
    /// <param name="pooling">Hidden states to one vector.</param>
    /// <param name="maxLength">Tokens a text may have, special ones included.</param>
    /// <param name="hiddenSize">Width of the hidden states; null for the configuration's dimensions.</param>
    /// <param name="projection">Whether a projection stands behind the pooling; its own files are written by <see cref="Projection"/>.</param>
    public static void Write(string folder, ModelConfig config, PoolingMode pooling, int maxLength, int? hiddenSize = null, bool projection = false)
    {
        WriteModules(folder, config.Normalize, [("", "Transformer"), ("1_Pooling", "Pooling"), .. projection ? [(Projection.Folder, "Dense")] : Array.Empty<(string, string)>()]);
        Directory.CreateDirectory(Path.Combine(folder, "1_Pooling"));
        JsonFile.Write(Path.Combine(folder, PoolingConfig), json =>
        {
            json.WriteNumber("word_embedding_dimension", hiddenSize ?? config.Dimensions);
            foreach (var (mode, key) in PoolingKeys.Take(pooling is PoolingMode.WeightedMean or PoolingMode.LastToken ? 6 : 4))
            {
                json.WriteBoolean(key, mode == pooling);
            }
        });
        JsonFile.Write(Path.Combine(folder, TransformerModule), json =>
        {
            json.WriteNumber("max_seq_length", maxLength);
            json.WriteBoolean("do_lower_case", false);
        });
        WriteModelConfig(folder, config);
        WriteOwn(folder, config, maxLength);
    }

    /// <summary>Writes <see cref="Modules"/>: the given ones in their order, behind them <c>Normalize</c> where asked for.</summary>
    internal static void WriteModules(string folder, bool normalize, params (string Path, string Name)[] modules) => JsonFile.WriteValue(Path.Combine(folder, Modules), json =>
    {
        json.WriteStartArray();
        foreach (var (index, (path, name)) in (normalize ? [.. modules, ($"{modules.Length}_Normalize", "Normalize")] : modules).Index())
        {
            json.WriteStartObject();
            json.WriteNumber("idx", index);
            json.WriteString("name", $"{index}");
            json.WriteString("path", path);
            json.WriteString("type", $"sentence_transformers.models.{name}");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });

    /// <summary>
    /// Writes <see cref="ModelConfigFile"/>. A passage's prompt has two names: versions from 5 look for <c>document</c> first, which there is always defined. Prompts are
    /// written where they are empty too, so that nobody has to guess. No version is named: every version accepts that, and none warns.
    /// </summary>
    internal static void WriteModelConfig(string folder, ModelConfig config) => JsonFile.Write(Path.Combine(folder, ModelConfigFile), json =>
    {
        json.WriteString("model_type", "SentenceTransformer");
        json.WriteStartObject("prompts");
        json.WriteString("query", config.QueryPrompt);
        json.WriteString("document", config.PassagePrompt);
        json.WriteString("passage", config.PassagePrompt);
        json.WriteEndObject();
        json.WriteNull("default_prompt_name");
        json.WriteString("similarity_fn_name", config.Normalize ? "cosine" : "dot");
    });

    /// <summary>Writes <see cref="OwnConfig"/> where there is something to say.</summary>
    internal static void WriteOwn(string folder, ModelConfig config, int maxLength)
    {
        if (config.QueryLength == maxLength && config.PassageLength == maxLength && config.MatryoshkaDimensions.Count == 0)
        {
            return;
        }

        JsonFile.Write(Path.Combine(folder, OwnConfig), json =>
        {
            json.WriteNumber("query_length", config.QueryLength);
            json.WriteNumber("passage_length", config.PassageLength);
            json.WriteStartArray("matryoshka_dimensions");
            foreach (var dimensions in config.MatryoshkaDimensions)
            {
                json.WriteNumberValue(dimensions);
            }

            json.WriteEndArray();
        });
    }
}
