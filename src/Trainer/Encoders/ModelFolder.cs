using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPrep.Text;
using DataPrep.Text.WordPiece;
using TorchSharp;
using Trainer.Checkpoints;
using Trainer.Encoders.Pretrained;
using Trainer.Encoders.Transformers;
using Trainer.Export;
using Trainer.Heads;

namespace Trainer.Encoders;

/// <summary>
/// A model on disk: <c>config.json</c>, <c>model.safetensors</c>, and the tokenizer's files as they are. A static model has a configuration of our own; a transformer is a
/// folder as Hugging Face and sentence-transformers make and load it. Equal models give equal bytes.
/// </summary>
public static class ModelFolder
{
    /// <summary>Name of the configuration.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>Name of the weights.</summary>
    public const string WeightsFile = "model.safetensors";

    /// <summary>Small files that say how a transformer is used.</summary>
    static readonly string[] UseFiles =
    [
        SentenceTransformersReader.Modules, SentenceTransformersReader.Lengths, SentenceTransformersReader.Prompts, SentenceTransformersReader.Own, SentenceTransformersReader.Pooling,
        PretrainedTensors.IndexFile,
    ];

    // What the names of a head's parameters begin with; the file of a head has its name.
    static readonly string[] HeadNames = [Projection.Names, SparseHead.FileName + ".", MultiVectorHead.FileName + "."];

    /// <summary>Writes a model, its heads beside it.</summary>
    /// <param name="folder">Where; made if absent.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="tokenizer">The tokenizer's files.</param>
    /// <param name="shape">Shape of a transformer; null for a static model.</param>
    /// <param name="activation">What follows the projection of a transformer that has one.</param>
    public static void Save(string folder, ModelConfig config, IEnumerable<SafetensorsTensor> weights, FileSet tokenizer, TransformerConfig? shape = null, ProjectionActivation activation = ProjectionActivation.Identity)
    {
        Directory.CreateDirectory(folder);
        var all = weights.ToLookup(w => Array.Find(HeadNames, name => w.Name.StartsWith(name, StringComparison.Ordinal)) ?? "");
        if (shape is not null)
        {
            TransformerConfigWriter.Write(shape, Path.Combine(folder, ConfigFile), TransformerConfigWriter.Architecture(shape));
            SentenceTransformersFiles.Write(folder, config, PoolingNames.Parse(config.Pooling), Math.Max(config.QueryLength, config.PassageLength), shape.HiddenSize, all[Projection.Names].Any());
            if (all[Projection.Names].Any())
            {
                Projection.Write(Path.Combine(folder, Projection.Folder), activation, all[Projection.Names]);
            }

            foreach (var name in HeadNames.Where(n => n != Projection.Names && all[n].Any()))
            {
                SafetensorsWriter.Write(Path.Combine(folder, name + "safetensors"), all[name].Select(w => w with { Name = w.Name[name.Length..] }), new Dictionary<string, string> { ["format"] = "pt" });
            }
        }
        else
        {
            config.Write(Path.Combine(folder, ConfigFile));
        }

        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), all[""], new Dictionary<string, string> { ["format"] = "pt" });
        foreach (var name in TokenizerFiles.Names.Where(tokenizer.Has))
        {
            File.WriteAllBytes(Path.Combine(folder, name), File.ReadAllBytes(tokenizer[name]));
        }
    }

    /// <summary>Whether a folder's <c>config.json</c> is that of a transformer rather than of a static model of ours.</summary>
    /// <exception cref="TrainerException">There is no such file, or it is no configuration.</exception>
    public static bool IsTransformer(FileSet files)
    {
        var path = files[ConfigFile];
        try
        {
            using var json = ConfigKeys.Open(path, TransformerConfig.MaxBytes);
            return new ConfigKeys(json.RootElement, path).Text("model_type") != StaticEncoder.TypeName;
        }
        catch (JsonException error)
        {
            throw new TrainerException($"{path} is not a model's configuration: {error.Message}", error);
        }
    }

    /// <summary>The configuration of a model, read without its weights.</summary>
    /// <exception cref="TrainerException">A file is unsound, or nobody says how the model pools.</exception>
    public static ModelConfig ReadConfig(FileSet files) => IsTransformer(files) ? ModelSettings.Read(files).ToConfig() : ModelConfig.Read(files[ConfigFile]);

    /// <summary>Loads a model.</summary>
    /// <param name="files">Its files.</param>
    /// <param name="config">The configuration to use it under, decided by <see cref="CompatibilityGate"/>; null for the one its files say.</param>
    /// <param name="seed">Seed of a projection that the configuration adds, and of heads that the folder lacks.</param>
    /// <param name="heads">Embeddings that it must give: heads that lie beside it are loaded, others are new.</param>
    /// <param name="vectorLength">Length of the vectors of a new multi-vector head; null for the hidden states'.</param>
    /// <exception cref="TrainerException">A file is missing or unsound, the kind is unknown, or weights and tokenizer do not fit the configuration.</exception>
    public static EmbeddingModel Load(FileSet files, ModelConfig? config = null, long seed = 0, HeadSet heads = HeadSet.Dense, int? vectorLength = null)
    {
        var tokenizer = LoadTokenizer(files);
        if (IsTransformer(files))
        {
            var settings = ModelSettings.Read(files);
            if (settings.LowerCase && tokenizer is not WordPieceTokenizer { Model.Settings.Lowercase: true })
            {
                throw new TrainerException($"{files.Label}: {SentenceTransformersReader.Lengths} says do_lower_case true, but the tokenizer keeps case; expected one that lower-cases, or false.");
            }

            config ??= settings.ToConfig();
            var encoder = TransformerEncoder.Load(files);
            try
            {
                encoder.RequireVocabulary(tokenizer.VocabularySize, files.Label);
                return new EmbeddingModel(config, tokenizer, WithHeads(encoder, config, LoadProjection(files, settings, config, seed), tokenizer, files, seed, heads, vectorLength), Digest(files));
            }
            catch
            {
                encoder.Dispose();
                throw;
            }
        }

        config ??= ModelConfig.Read(files[ConfigFile]);
        if (tokenizer.VocabularySize != config.VocabularySize)
        {
            throw new TrainerException($"{files.Label}: the tokenizer has {tokenizer.VocabularySize} entries, {ConfigFile} says {config.VocabularySize}; expected the tokenizer the model was trained with.");
        }

        using var reader = new SafetensorsReader(files[WeightsFile]);
        return new EmbeddingModel(config, tokenizer, StaticEncoder.From(config.VocabularySize, config.Dimensions, config.QuerySide, (name, shape) => reader.Floats(name, shape)), Digest(files));
    }

    /// <summary>A transformer with the heads that give what is asked for.</summary>
    /// <param name="encoder">Ids to hidden states.</param>
    /// <param name="config">Pooling and normalisation.</param>
    /// <param name="projection">Behind the pooling; null for none.</param>
    /// <param name="tokenizer">Knows the special tokens, which a sparse head gives no weight.</param>
    /// <param name="files">The model's folder, or the tokenizer's: heads that lie there are loaded.</param>
    /// <param name="seed">Seed of new heads.</param>
    /// <param name="heads">Embeddings asked for.</param>
    /// <param name="vectorLength">Length of the vectors of a new multi-vector head; null for the hidden states'.</param>
    internal static ITransformerModel WithHeads(
        TransformerEncoder encoder, ModelConfig config, Projection? projection, ITokenizer tokenizer, FileSet files, long seed, HeadSet heads, int? vectorLength)
    {
        var pooling = PoolingNames.Parse(config.Pooling);
        if ((heads & ~HeadSet.Dense) == HeadSet.None)
        {
            return new PooledTransformer(encoder, pooling, projection);
        }

        var width = encoder.Config.HiddenSize;
        var unused = heads.HasFlag(HeadSet.Sparse) ? UnusedTokens.Find(files, tokenizer, encoder.Config.ModelType) : [];
        return new MultiHeadTransformer(encoder, new RetrievalHeads
        {
            Pooling = pooling,
            Normalize = config.Normalize,
            Projection = projection,
            Sparse = heads.HasFlag(HeadSet.Sparse) ? SparseHead.Load(files, width, unused) ?? SparseHead.Create(width, unused, seed) : null,
            MultiVector = heads.HasFlag(HeadSet.MultiVector) ? MultiVectorHead.Load(files, width) ?? MultiVectorHead.Create(width, vectorLength, seed + 1) : null,
        });
    }

    static Projection? LoadProjection(FileSet files, ModelSettings settings, ModelConfig config, long seed)
    {
        var width = settings.Config.HiddenSize;
        return settings.Projection is { } own && own.Value == config.Dimensions ? Projection.Load(files, width, own.Source)
            : config.Dimensions == width ? null : Projection.Create(width, config.Dimensions, seed);
    }

    /// <summary>Loads the tokenizer of a model or of a tokenizer's own folder.</summary>
    public static ITokenizer LoadTokenizer(FileSet files) => TokenizerFiles.Load(files.Paths, files.Label);

    /// <summary>Names of the files that make up a model, in ordinal order; what else a folder holds has no bearing on it.</summary>
    public static IReadOnlyList<string> FilesOf(FileSet files)
    {
        var modules = files.Paths.Keys.Where(n => n.EndsWith("/config.json", StringComparison.Ordinal) || n.EndsWith("/pytorch_model.bin", StringComparison.Ordinal));
        var weights = files.Paths.Keys.Where(n => n.EndsWith(".safetensors", StringComparison.Ordinal));
        return [.. TokenizerFiles.Names.Concat(UseFiles).Append(ConfigFile).Concat(weights).Concat(modules).Where(files.Has).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <summary>Lower-case hex SHA-256 over the names and contents of the files that make up a model.</summary>
    public static string Digest(FileSet files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in FilesOf(files))
        {
            using var stream = File.OpenRead(files[name]);
            hash.AppendData(Encoding.UTF8.GetBytes(name + "\0"));
            hash.AppendData(SHA256.HashData(stream));
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>An encoder's weights, ready to write.</summary>
    public static IEnumerable<SafetensorsTensor> Weights(IEncoder encoder) => encoder.Parameters.Select(p => ToFile(p.Name, p.Value));

    internal static SafetensorsTensor ToFile(string name, torch.Tensor value) => SafetensorsTensor.Floats(name, value.shape, value.cpu().data<float>().ToArray());
}
