using System.Security.Cryptography;
using System.Text;
using DataPrep.Text;
using TorchSharp;
using Trainer.Checkpoints;

namespace Trainer.Encoders;

/// <summary>
/// A model on disk: <c>config.json</c>, <c>model.safetensors</c>, and the tokenizer's files as they are. Equal models give equal bytes.
/// </summary>
public static class ModelFolder
{
    /// <summary>Name of the configuration.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>Name of the weights.</summary>
    public const string WeightsFile = "model.safetensors";

    /// <summary>Files of a tokenizer that travel with a model, where they are there.</summary>
    static readonly string[] TokenizerFiles = ["tokenizer.json", "tokenizer_config.json", "vocab.txt"];

    /// <summary>Writes a model.</summary>
    /// <param name="folder">Where; made if absent.</param>
    /// <param name="config">Its configuration.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="tokenizer">The tokenizer's files.</param>
    public static void Save(string folder, ModelConfig config, IEnumerable<SafetensorsTensor> weights, FileSet tokenizer)
    {
        Directory.CreateDirectory(folder);
        config.Write(Path.Combine(folder, ConfigFile));
        SafetensorsWriter.Write(Path.Combine(folder, WeightsFile), weights, new Dictionary<string, string> { ["format"] = "pt" });
        foreach (var name in TokenizerFiles.Where(tokenizer.Has))
        {
            File.WriteAllBytes(Path.Combine(folder, name), File.ReadAllBytes(tokenizer[name]));
        }
    }

    /// <summary>Loads a model.</summary>
    /// <exception cref="TrainerException">A file is missing or unsound, the kind is unknown, or weights and tokenizer do not fit the configuration.</exception>
    public static EmbeddingModel Load(FileSet files)
    {
        var config = ModelConfig.Read(files[ConfigFile]);
        var tokenizer = LoadTokenizer(files);
        if (tokenizer.VocabularySize != config.VocabularySize)
        {
            throw new TrainerException($"{files.Label}: the tokenizer has {tokenizer.VocabularySize} entries, {ConfigFile} says {config.VocabularySize}; expected the tokenizer the model was trained with.");
        }

        return new EmbeddingModel(config, tokenizer, LoadEncoder(files, config), Digest(files));
    }

    /// <summary>Loads the tokenizer of a model or of a tokenizer's own folder.</summary>
    public static ITokenizer LoadTokenizer(FileSet files) => DataPrep.Text.TokenizerFiles.Load(files.Paths, files.Label);

    /// <summary>Lower-case hex SHA-256 over the names and contents of the files that make up a model.</summary>
    public static string Digest(FileSet files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in TokenizerFiles.Append(ConfigFile).Append(WeightsFile).Where(files.Has).Order(StringComparer.Ordinal))
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

    static StaticEncoder LoadEncoder(FileSet files, ModelConfig config)
    {
        if (config.ModelType != "static")
        {
            throw new TrainerException($"{files.Label}: {ConfigFile} says model_type '{config.ModelType}'; expected static.");
        }

        using var reader = new SafetensorsReader(files[WeightsFile]);
        return StaticEncoder.From(config.VocabularySize, config.Dimensions, config.QuerySide, (name, shape) => reader.Floats(name, shape));
    }
}
