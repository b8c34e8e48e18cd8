using System.Text.Json;
using Trainer.Encoders.Transformers;

namespace Trainer.Encoders.Pretrained;

/// <summary>Reads the small files that sentence-transformers, and we ourselves, put beside a Hugging Face model.</summary>
static class SentenceTransformersReader
{
    /// <summary>Such a file has at most so many bytes.</summary>
    public const long MaxBytes = 1 << 20;

    public const string Modules = "modules.json";
    public const string Lengths = "sentence_bert_config.json";
    public const string Prompts = "config_sentence_transformers.json";
    public const string Own = "workflow.json";
    public const string Pooling = "1_Pooling/config.json";

    public static ModelSettings Read(FileSet files)
    {
        var config = TransformerConfig.Read(files[ModelFolder.ConfigFile]);
        var name = Name(files);
        var family = ModelFamily.Of(name);
        var known = family is null ? "" : $"the family {family.Name}";
        var (poolingFile, normalize, dense) = ReadModules(files);
        var prompts = ReadPrompts(files) ?? (family is null ? new Said<ModelPrompts>(ModelPrompts.None, "nothing") : new(family.Prompts, known));
        var own = files.Has(Own) ? ReadOwn(files[Own], config, dense is null ? config.HiddenSize : ReadOutputs(files[$"{dense}/config.json"])) : default;
        return new ModelSettings
        {
            Config = config,
            Name = name,
            Family = family,
            Pooling = poolingFile is not null
                ? new(PoolingFile.Read(files[poolingFile], config.HiddenSize, prompts.Value != ModelPrompts.None), poolingFile)
                : family is null ? null : new(family.Pooling, known),
            Normalize = normalize is { } said ? new(said, Modules) : family is null ? null : new(family.Normalize, known),
            Projection = dense is null ? null : new(ReadOutputs(files[$"{dense}/config.json"]), dense),
            MaxLength = ReadLength(files, config),
            Prompts = prompts,
            Lengths = own.Lengths,
            LowerCase = ReadLowerCase(files),
            MatryoshkaDimensions = own.Matryoshka ?? [],
        };
    }

    /// <summary>What the model was called where it was saved, unless that was a path; else the folder's name.</summary>
    static string Name(FileSet files)
    {
        using var json = ConfigKeys.Open(files[ModelFolder.ConfigFile], MaxBytes * 16);
        var said = new ConfigKeys(json.RootElement, files[ModelFolder.ConfigFile]).Text("_name_or_path") ?? "";
        return ModelFamily.Of(said) is not null ? said : Path.TrimEndingDirectorySeparator(files.Label) is { } label && ModelFamily.Of(label) is not null ? label : said.Length > 0 ? said : files.Label;
    }

    static (string? Pooling, bool? Normalize, string? Dense) ReadModules(FileSet files)
    {
        if (!files.Has(Modules))
        {
            return (files.Has(Pooling) ? Pooling : null, null, null);
        }

        var path = files[Modules];
        using var json = ConfigKeys.Open(path, MaxBytes);
        string? pooling = null, dense = null;
        var normalize = false;
        foreach (var module in json.RootElement.EnumerateArray())
        {
            var keys = new ConfigKeys(module, path);
            var type = keys.Text("type") ?? "";
            var folder = (keys.Text("path") ?? "").TrimEnd('/');
            switch (type.Split('.')[^1])
            {
                case "Transformer" when folder.Length == 0:
                    break;
                case "Transformer":
                    throw new TrainerException($"{path} keeps its Transformer in '{folder}'; expected it in the folder itself (path \"\"). Move the files of '{folder}' up.");
                case "Pooling" when pooling is null:
                    pooling = $"{folder}/config.json";
                    break;
                case "Dense" when pooling is not null && dense is null && !normalize:
                    dense = folder;
                    break;
                case "Normalize":
                    normalize = true;
                    break;
                default:
                    throw new TrainerException($"{path} names the module '{type}' ({folder}); expected Transformer, one Pooling, at most one Dense behind it, and Normalize.");
            }
        }

        return (pooling ?? throw new TrainerException($"{path} names no Pooling module; expected one: is the model a cross-encoder or a sparse one?"), normalize, dense);
    }

    static int ReadOutputs(string path)
    {
        using var json = ConfigKeys.Open(path, MaxBytes);
        var outputs = new ConfigKeys(json.RootElement, path).Whole("out_features");
        return outputs is > 0 and <= 65536 ? outputs : throw new TrainerException($"{path} says out_features {outputs}; expected 1 to 65536.");
    }

    static Said<int> ReadLength(FileSet files, TransformerConfig config)
    {
        // "Very large" (some write 1e30) means none; no text may be longer than the position table.
        foreach (var (file, key) in new[] { (Lengths, "max_seq_length"), ("tokenizer_config.json", "model_max_length") })
        {
            if (!files.Has(file))
            {
                continue;
            }

            using var json = ConfigKeys.Open(files[file], MaxBytes * 64);
            if (json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number &&
                value.TryGetInt32(out var length) && length > 0 && length <= config.MaxLength)
            {
                return new(length, file);
            }
        }

        return new(config.MaxLength, ModelFolder.ConfigFile);
    }

    static bool ReadLowerCase(FileSet files)
    {
        if (!files.Has(Lengths))
        {
            return false;
        }

        using var json = ConfigKeys.Open(files[Lengths], MaxBytes);
        return new ConfigKeys(json.RootElement, files[Lengths]).Flag("do_lower_case");
    }

    /// <summary>Prompts by name: passages go by "passage" or "document"; null where none is said.</summary>
    static Said<ModelPrompts>? ReadPrompts(FileSet files)
    {
        if (!files.Has(Prompts))
        {
            return null;
        }

        using var json = ConfigKeys.Open(files[Prompts], MaxBytes);
        if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("prompts", out var prompts) || prompts.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var keys = new ConfigKeys(prompts, files[Prompts]);
        var (query, passage) = (keys.Text("query"), keys.Text("passage") is { Length: > 0 } said ? said : keys.Text("document") ?? keys.Text("passage"));
        return query is null && passage is null ? null : new(new(query ?? "", passage ?? ""), Prompts);
    }

    static ((int, int)? Lengths, int[]? Matryoshka) ReadOwn(string path, TransformerConfig config, int dimensions)
    {
        using var json = ConfigKeys.Open(path, MaxBytes);
        var keys = new ConfigKeys(json.RootElement, path);
        var (query, passage) = (keys.Whole("query_length", 0), keys.Whole("passage_length", 0));
        if (query > config.MaxLength || passage > config.MaxLength)
        {
            throw new TrainerException($"{path} says query_length {query} and passage_length {passage}; expected at most {config.MaxLength}, for which {ModelFolder.ConfigFile} has positions.");
        }

        var lengths = query > 0 && passage > 0 ? (query, passage) : ((int, int)?)null;
        if (!json.RootElement.TryGetProperty("matryoshka_dimensions", out var list))
        {
            return (lengths, null);
        }

        return list.ValueKind == JsonValueKind.Array && list.EnumerateArray().All(d => d.ValueKind == JsonValueKind.Number && d.TryGetInt32(out var width) && width >= 1 && width <= dimensions)
            ? (lengths, list.EnumerateArray().Select(d => d.GetInt32()).ToArray())
            : throw new TrainerException($"{path} says matryoshka_dimensions of which one is no whole number from 1 to {dimensions}, the length of the embeddings; expected an array of such.");
    }
}
