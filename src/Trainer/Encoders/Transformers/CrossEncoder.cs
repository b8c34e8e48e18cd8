using System.Text.Json;
using System.Text.Json.Nodes;
using DataPrep.Text;
using TorchSharp.Modules;
using Trainer.Export;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>A transformer that reads a query and a passage as one input and scores the pair: Hugging Face's BertForSequenceClassification and XLMRobertaForSequenceClassification.</summary>
public sealed class CrossEncoder : IDisposable
{
    readonly TransformerEncoder _transformer;
    readonly ClassificationHead _head;
    readonly bool _shared;

    CrossEncoder(TransformerEncoder transformer, ClassificationHead head, bool shared = false)
    {
        (_transformer, _head, _shared) = (transformer, head, shared);
        var prefix = transformer.Config.Prefix;
        Parameters = [.. transformer.Parameters.Select(p => (prefix + p.Name, p.Value)), .. head.Parameters];
        var used = head.Parameters.Select(p => p.Name).ToList();
        Foreign = [.. transformer.Foreign.Where(name => !used.Contains(name) && !used.Contains(prefix + name))];
    }

    /// <summary>Shape and constants of its encoder.</summary>
    public TransformerConfig Config => _transformer.Config;

    /// <summary>Scores per pair.</summary>
    public int Labels => _head.Labels;

    /// <summary>Parameters by the names of Hugging Face's model, prefix included, the encoder's first.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <summary>Parameters of the classifier alone, BERT's pooler among them, by the same names.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> HeadParameters => [.. _head.Parameters];

    /// <summary>Its encoder.</summary>
    public TransformerEncoder Transformer => _transformer;

    /// <summary>Tensors of the files it was loaded from that it does not use, by name.</summary>
    public IReadOnlyList<string> Foreign { get; }

    /// <summary>Whether dropout is on.</summary>
    /// <value>Default: false.</value>
    public bool Training
    {
        get => _transformer.Training;
        set => _transformer.Training = value;
    }

    /// <summary>Type of the encoder's products; scores and weights are Float32 in any.</summary>
    /// <value>Default: <see cref="Precision.Fp32"/>.</value>
    public Precision Precision
    {
        get => _transformer.Precision;
        set => _transformer.Precision = value;
    }

    /// <summary>Folder, within a model's, of the cross-encoder that a cascade trained beside it.</summary>
    public const string Folder = "cross_encoder";

    /// <summary>The files of a cross-encoder: a folder's own where it is one, else those of the one that a cascade trained beside its model.</summary>
    /// <exception cref="TrainerException">There is none.</exception>
    public static FileSet Within(FileSet files)
    {
        if (IsOne(files))
        {
            return files;
        }

        var own = files.Within(Folder);
        return own.Has(ModelFolder.ConfigFile) && IsOne(own)
            ? own
            : throw new TrainerException($"{files.Label} is no cross-encoder, and has none beside it ({Folder}/config.json). Expected one that scores pairs: train it with objective cross_encoder or cascade.");
    }

    /// <summary>Whether a folder says that it holds a cross-encoder: its configuration names an architecture for sequence classification.</summary>
    /// <exception cref="TrainerException">The configuration is missing or cannot be read.</exception>
    public static bool IsOne(FileSet files)
    {
        var path = files[ModelFolder.ConfigFile];
        using var json = ConfigKeys.Open(path, TransformerConfig.MaxBytes);
        return json.RootElement.TryGetProperty("architectures", out var names) && names.ValueKind == JsonValueKind.Array
            && names.EnumerateArray().Any(n => n.ValueKind == JsonValueKind.String && n.GetString()!.EndsWith("ForSequenceClassification", StringComparison.Ordinal));
    }

    /// <summary>Loads a cross-encoder's folder; the weights of the classifier say how many scores there are.</summary>
    /// <exception cref="TrainerException">A file is missing or unsound, or it is the folder of an encoder without a classifier.</exception>
    public static CrossEncoder Load(FileSet files) => From(files, (encoder, weights) =>
        weights.Select(file => ClassificationHead.Read(file, encoder.Config, Dropout(files))).FirstOrDefault(head => head is not null)
        ?? throw new TrainerException(
            $"{files.Label} has no classifier (classifier.weight of BERT, classifier.out_proj.weight of XLM-RoBERTa): it is an encoder, not a cross-encoder. Start a new one from it, and train it."));

    /// <summary>A cross-encoder that begins with a pretrained encoder's weights, BERT's pooler among them where it is there; the classifier is new.</summary>
    /// <param name="files">The encoder's folder.</param>
    /// <param name="seed">Seed of the new weights.</param>
    /// <param name="labels">Scores per pair.</param>
    /// <exception cref="TrainerException">A file is missing or unsound.</exception>
    public static CrossEncoder Start(FileSet files, long seed, int labels = 1) => From(files, (encoder, weights) =>
    {
        random.manual_seed(seed);
        var pooler = weights.Select(file => ClassificationHead.ReadPooler(file, encoder.Config)).FirstOrDefault(map => map is not null);
        return ClassificationHead.Create(encoder.Config, labels, Dropout(files), pooler);
    });

    /// <summary>A new cross-encoder: weights normal with the configuration's deviation, drawn in the order of <see cref="Parameters"/>, biases 0.</summary>
    /// <param name="config">Its encoder's shape.</param>
    /// <param name="seed">Seed of the draws.</param>
    /// <param name="labels">Scores per pair.</param>
    /// <param name="dropout">Dropout of the classifier; null for the encoder's.</param>
    /// <exception cref="TrainerException">The configuration contradicts itself.</exception>
    public static CrossEncoder Create(TransformerConfig config, long seed, int labels = 1, double? dropout = null)
    {
        RequireKind(config, "The configuration");
        var encoder = TransformerEncoder.Create(config, seed);
        return new CrossEncoder(encoder, ClassificationHead.Create(config, labels, dropout));
    }

    /// <summary>A new classifier over an encoder that something else trains and disposes, too.</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="seed">Seed of the classifier's weights.</param>
    /// <param name="labels">Scores per pair.</param>
    /// <param name="dropout">Dropout of the classifier; null for the encoder's.</param>
    /// <exception cref="TrainerException">The encoder is of a type whose cross-encoders are not computed here.</exception>
    public static CrossEncoder Over(TransformerEncoder encoder, long seed, int labels = 1, double? dropout = null)
    {
        RequireKind(encoder.Config, "The encoder");
        random.manual_seed(seed);
        return new CrossEncoder(encoder, ClassificationHead.Create(encoder.Config, labels, dropout), shared: true);
    }

    /// <summary>Pairs end to end, as <see cref="Forward"/> takes them. Types are left out for an encoder that has one only, as XLM-RoBERTa.</summary>
    /// <param name="pairs">Pairs as the model's tokenizer makes them.</param>
    public TokenBatch Batch(IEnumerable<TokenPair> pairs)
    {
        var (ids, types, offsets) = (new List<long>(), new List<long>(), new List<long>());
        foreach (var pair in pairs)
        {
            offsets.Add(ids.Count);
            ids.AddRange(pair.Ids.Select(id => (long)id));
            types.AddRange(pair.TypeIds.Select(type => (long)type));
        }

        return new TokenBatch([.. ids], [.. offsets]) { Types = Config.TokenTypes > 1 ? [.. types] : null };
    }

    /// <summary>Scores of pairs, (B, labels); logits, no probabilities.</summary>
    /// <param name="pairs">Pairs end to end, with the types of their tokens.</param>
    /// <exception cref="TrainerException">A pair is longer than the model's positions, or an id or type is unknown to it.</exception>
    public Tensor Forward(TokenBatch pairs)
    {
        using var scope = NewDisposeScope();
        return _head.Forward(Pooling.Pool(_transformer.Forward(pairs), PoolingMode.Cls), Training).MoveToOuterDisposeScope();
    }

    /// <summary>Scores of pairs whose encoder's states are there already, (B, labels).</summary>
    /// <param name="first">States of the first tokens, (B, D).</param>
    public Tensor Classify(Tensor first) => _head.Forward(first, Training);

    /// <summary>Score of each query with the passage in the same place: see <see cref="PairScorer"/>, which also takes pairs as they come.</summary>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="queries">Queries.</param>
    /// <param name="passages">As many passages.</param>
    /// <param name="maxLength">Tokens kept of a pair; null for as many as the model has positions.</param>
    /// <param name="cancellationToken">Stops between batches.</param>
    public float[] Score(ITokenizer tokenizer, IReadOnlyList<string> queries, IReadOnlyList<string> passages, int? maxLength = null, CancellationToken cancellationToken = default) =>
        queries.Count == passages.Count
            ? [.. new PairScorer(this, tokenizer, maxLength).Score(queries.Zip(passages, (query, passage) => (0, query, passage)), cancellationToken).Select(s => s.Score)]
            : throw new ArgumentException($"{queries.Count} queries have {passages.Count} passages; expected one each.", nameof(passages));

    /// <summary>Writes what <see cref="Save(string)"/> does, and the tokenizer's files beside it: a folder that Transformers and sentence-transformers load.</summary>
    /// <param name="folder">Where; made if absent.</param>
    /// <param name="tokenizer">The tokenizer's files.</param>
    public void Save(string folder, FileSet tokenizer)
    {
        Save(folder);
        foreach (var name in TokenizerFiles.Names.Where(tokenizer.Has))
        {
            File.WriteAllBytes(Path.Combine(folder, name), File.ReadAllBytes(tokenizer[name]));
        }
    }

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>, which Transformers loads as a model for sequence classification. Equal models give equal bytes.</summary>
    /// <param name="folder">Where; made if absent. The tokenizer's files are the caller's.</param>
    public void Save(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, ModelFolder.ConfigFile);
        TransformerConfigWriter.Write(Config, path, Config.ModelType == TransformerConfig.Bert ? "BertForSequenceClassification" : "XLMRobertaForSequenceClassification");
        var config = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
        config["classifier_dropout"] = _head.Dropout == Config.HiddenDropout ? null : _head.Dropout;

        // Transformers takes the number of scores from these; without them it is two. sentence-transformers would put a sigmoid behind a single score.
        config["id2label"] = new JsonObject(Enumerable.Range(0, Labels).Select(i => KeyValuePair.Create($"{i}", (JsonNode?)$"LABEL_{i}")));
        config["label2id"] = new JsonObject(Enumerable.Range(0, Labels).Select(i => KeyValuePair.Create($"LABEL_{i}", (JsonNode?)i)));
        JsonFile.WriteValue(path, json => config.WriteTo(json));
        HeadFiles.WriteTensors(Path.Combine(folder, ModelFolder.WeightsFile), Parameters);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _head.Dispose();
        if (!_shared)
        {
            _transformer.Dispose();
        }
    }

    static CrossEncoder From(FileSet files, Func<TransformerEncoder, IEnumerable<WeightFile>, ClassificationHead> head)
    {
        var encoder = TransformerEncoder.Load(files);
        var weights = new List<WeightFile>();
        try
        {
            RequireKind(encoder.Config, files.Label);

            // The encoder was found in the one file or in the shards; so is the head.
            var names = files.Has(ModelFolder.WeightsFile)
                ? [ModelFolder.WeightsFile]
                : files.Paths.Keys.Where(n => n.EndsWith(".safetensors", StringComparison.Ordinal) && n.StartsWith("model-", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToArray();
            weights.AddRange(names.Select(name => new WeightFile(files[name], name)));
            return new CrossEncoder(encoder, head(encoder, weights));
        }
        catch
        {
            encoder.Dispose();
            throw;
        }
        finally
        {
            weights.ForEach(file => file.Dispose());
        }
    }

    static void RequireKind(TransformerConfig config, string where)
    {
        if (config.Modern is not null)
        {
            throw new TrainerException($"{where} is of type {config.ModelType}; expected {TransformerConfig.Bert} or {TransformerConfig.XlmRoberta}, whose cross-encoders are computed here.");
        }
    }

    static double? Dropout(FileSet files)
    {
        var path = files[ModelFolder.ConfigFile];
        using var json = ConfigKeys.Open(path, 16 << 20);
        var value = new ConfigKeys(json.RootElement, path).Number("classifier_dropout", -1);
        return value is >= 0 and < 1 ? value : value == -1 ? null : throw new TrainerException($"{path} says classifier_dropout {value}; expected 0 or more, below 1.");
    }
}
