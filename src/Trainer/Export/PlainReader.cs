using System.Text.Json;
using Trainer.Encoders;

namespace Trainer.Export;

/// <summary>
/// Reads an exported folder as sentence-transformers does, module by module as <c>modules.json</c> lists them, and embeds texts in plain C#, without libtorch and without the
/// code that wrote the folder; only the tokenizers are the same. An exported folder is compared with its model through it.
/// </summary>
public sealed class PlainReader
{
    readonly string _folder;
    readonly int _threads;
    readonly List<(string Type, string Path)> _modules = [];
    readonly Dictionary<TextRole, string> _prompts = [];

    /// <summary>Opens a folder.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="threads">Threads at most.</param>
    /// <exception cref="TrainerException">A file is missing or not as expected.</exception>
    public PlainReader(string folder, int threads = 1)
    {
        (_folder, _threads) = (folder, threads);
        using var modules = Json(SentenceTransformersFiles.Modules);
        foreach (var module in modules.RootElement.EnumerateArray())
        {
            _modules.Add((module.GetProperty("type").GetString()!.Split('.')[^1], module.GetProperty("path").GetString()!));
        }

        using var config = Json(SentenceTransformersFiles.ModelConfigFile);
        var prompts = config.RootElement.TryGetProperty("prompts", out var found) ? found : default;
        _prompts[TextRole.Query] = Prompt(prompts, "query");
        _prompts[TextRole.Passage] = Prompt(prompts, "document");
    }

    /// <summary>Embeddings of texts, one array each.</summary>
    /// <param name="texts">The texts, without prompts.</param>
    /// <param name="role">Which prompt, length and, where the folder has two sides, which module they are read with.</param>
    /// <param name="cancellationToken">Stops between blocks of a layer.</param>
    public float[][] Encode(IReadOnlyList<string> texts, TextRole role, CancellationToken cancellationToken = default)
    {
        var prompted = texts.Select(t => _prompts[role] + t).ToList();
        float[][] vectors = [];
        foreach (var (type, path) in _modules)
        {
            switch (type)
            {
                case "Transformer":
                    vectors = Transformer(prompted, role, cancellationToken);
                    break;
                case "Pooling" when vectors.Length == texts.Count:
                    break;
                case "Dense":
                    vectors = Dense(Path.Combine(_folder, path), vectors, cancellationToken);
                    break;
                case "StaticEmbedding":
                    vectors = Static(Path.Combine(_folder, path), prompted, role);
                    break;
                case "Router":
                    vectors = Static(Path.Combine(_folder, path, Route(path, role)), prompted, role);
                    break;
                case "Normalize":
                    Array.ForEach(vectors, v => PlainMath.Normalize(v));
                    break;
                default:
                    throw new TrainerException($"{_folder}: {SentenceTransformersFiles.Modules} names the module {type}, which cannot be read again.");
            }
        }

        return vectors;
    }

    static string Prompt(JsonElement prompts, string name) =>
        prompts.ValueKind == JsonValueKind.Object && prompts.TryGetProperty(name, out var prompt) ? prompt.GetString()! : "";

    float[][] Dense(string folder, float[][] vectors, CancellationToken cancellationToken)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, ModelFolder.ConfigFile)));
        var (inputs, outputs) = (config.RootElement.GetProperty("in_features").GetInt32(), config.RootElement.GetProperty("out_features").GetInt32());
        using var weights = new PlainWeights(Path.Combine(folder, ModelFolder.WeightsFile));
        var bias = config.RootElement.GetProperty("bias").GetBoolean() ? weights.Read("linear.bias", outputs) : new float[outputs];
        var mapped = PlainMath.Linear([.. vectors.SelectMany(v => v)], vectors.Length, weights.Read("linear.weight", outputs, inputs), bias, _threads, cancellationToken);
        var activation = config.RootElement.GetProperty("activation_function").GetString()!.EndsWith("Tanh", StringComparison.Ordinal) ? MathF.Tanh : (Func<float, float>)(x => x);
        return [.. Enumerable.Range(0, vectors.Length).Select(i => Array.ConvertAll(mapped[(i * outputs)..((i + 1) * outputs)], x => activation(x)))];
    }

    float[][] Transformer(List<string> texts, TextRole role, CancellationToken cancellationToken)
    {
        var tokenizer = ModelFolder.LoadTokenizer(FileSet.FromFolder(_folder));
        var ids = texts.Select(t => tokenizer.Encode(t, Length(role))).ToList();
        using var config = Json(ModelFolder.ConfigFile);
        using IPlainEncoder encoder = config.RootElement.GetProperty("model_type").GetString() == "modernbert" ? new PlainModernBert(_folder) : new PlainTransformer(_folder);
        var states = encoder.States(ids, _threads, cancellationToken);
        using var pooling = Json(SentenceTransformersFiles.PoolingConfig);
        var mode = pooling.RootElement.EnumerateObject().Single(p => p.Value.ValueKind == JsonValueKind.True && p.Name.StartsWith("pooling_mode_", StringComparison.Ordinal)).Name;
        var (vectors, start) = (new float[ids.Count][], 0);
        for (var i = 0; i < ids.Count; i++)
        {
            vectors[i] = PlainPooling.Pool(states.AsSpan(start, ids[i].Length * encoder.Width), encoder.Width, mode);
            start += ids[i].Length * encoder.Width;
        }

        return vectors;
    }

    float[][] Static(string folder, List<string> texts, TextRole role)
    {
        // sentence-transformers adds no special tokens here, and cuts where tokenizer.json says so.
        var tokenizer = ModelFolder.LoadTokenizer(FileSet.FromFolder(folder));
        using var json = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "tokenizer.json")));
        var length = OwnLength(role) ?? json.RootElement.GetProperty("truncation").GetProperty("max_length").GetInt32();
        using var weights = new PlainWeights(Path.Combine(folder, "model.safetensors"));
        var width = (int)weights.Shape("embedding.weight")[1];
        return [.. texts.Select(text =>
        {
            var ids = tokenizer.Encode(text, length, addSpecialTokens: false);
            var (sums, row) = (new double[width], new float[width]);
            foreach (var id in ids)
            {
                weights.ReadRow("embedding.weight", id, row);
                for (var i = 0; i < width; i++)
                {
                    sums[i] += row[i];
                }
            }

            return Array.ConvertAll(sums, s => (float)(s / Math.Max(1, ids.Length)));
        })];
    }

    string Route(string path, TextRole role)
    {
        using var router = Json(Path.Combine(path, "router_config.json"));
        return router.RootElement.GetProperty("structure").GetProperty(role == TextRole.Query ? "query" : "document")[0].GetString()!;
    }

    int Length(TextRole role)
    {
        using var module = Json(SentenceTransformersFiles.TransformerModule);
        return OwnLength(role) ?? module.RootElement.GetProperty("max_seq_length").GetInt32();
    }

    /// <summary>The role's own length, which sentence-transformers does not know; null where both roles have the one that it reads.</summary>
    int? OwnLength(TextRole role)
    {
        if (!File.Exists(Path.Combine(_folder, SentenceTransformersFiles.OwnConfig)))
        {
            return null;
        }

        using var own = Json(SentenceTransformersFiles.OwnConfig);
        return own.RootElement.GetProperty(role == TextRole.Query ? "query_length" : "passage_length").GetInt32();
    }

    JsonDocument Json(string name)
    {
        var path = Path.Combine(_folder, name);
        return File.Exists(path) ? JsonDocument.Parse(File.ReadAllBytes(path)) : throw new TrainerException($"{_folder} has no file '{name}'; expected a folder as sentence-transformers saves it.");
    }
}
