using System.Text.Json;
using System.Text.Json.Serialization;
using DataPrep.Shards;
using Trainer.Encoders;

namespace Trainer.Training;

/// <summary>What <c>training-set.json</c> of a packed training set says; <see cref="PackedTrainingSet"/> describes the folder.</summary>
public sealed record PackedManifest
{
    /// <summary>Version of the folder's layout: 2; 1 is the same without sources and teacher scores, and is read, too.</summary>
    public int Format { get; init; } = 2;

    /// <summary>Digest of the shards it was made from: equal digests, tokenizers and lengths give equal folders.</summary>
    public required string DataDigest { get; init; }

    /// <summary>Lower-case hex SHA-256 of <c>training-set.safetensors</c>.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Seed of the job, which batches and negatives are drawn with.</summary>
    public required long Seed { get; init; }

    /// <summary>Entries of the tokenizer.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Training rows.</summary>
    public int Rows { get; init; }

    /// <summary>Distinct queries.</summary>
    public int Queries { get; init; }

    /// <summary>Distinct passages.</summary>
    public int Passages { get; init; }

    /// <summary>Distinct sources of rows; 0 where nobody noted any.</summary>
    public int Sources { get; init; }

    /// <summary>Whether rows have a teacher's scores.</summary>
    public bool TeacherScores { get; init; }

    /// <summary>Tokens kept of a query when it was packed.</summary>
    public required int QueryLength { get; init; }

    /// <summary>Tokens kept of a passage when it was packed.</summary>
    public required int PassageLength { get; init; }

    /// <summary>Put before every query when it was packed.</summary>
    public required string QueryPrompt { get; init; }

    /// <summary>Put before every passage when it was packed.</summary>
    public required string PassagePrompt { get; init; }

    /// <summary>Whether texts have the tokenizer's special tokens, as transformers read them and static encoders do not.</summary>
    public required bool SpecialTokens { get; init; }

    /// <summary>Length bucket and rows of each shard, in order: the batch plan needs them.</summary>
    public IReadOnlyList<ShardSummary> Shards { get; init; } = [];

    /// <summary>What a set for a model says, before it is counted.</summary>
    /// <param name="dataDigest">Digest of the shards.</param>
    /// <param name="seed">Seed of the job.</param>
    /// <param name="model">Configuration of the model that comes out.</param>
    public static PackedManifest For(string dataDigest, long seed, ModelConfig model) => new()
    {
        DataDigest = dataDigest,
        Seed = seed,
        VocabularySize = model.VocabularySize,
        QueryLength = model.QueryLength,
        PassageLength = model.PassageLength,
        QueryPrompt = model.QueryPrompt,
        PassagePrompt = model.PassagePrompt,
        SpecialTokens = model.ModelType != StaticEncoder.TypeName,
    };

    /// <summary>Checks that the ids of the set are those that a model would read.</summary>
    /// <param name="model">Configuration of the model that is to come out.</param>
    /// <param name="label">What messages call the set.</param>
    /// <exception cref="TrainerException">They are not; the message names what differs.</exception>
    public void Require(ModelConfig model, string label)
    {
        var asked = For(DataDigest, Seed, model);
        foreach (var (what, found, expected) in new (string, object, object)[]
        {
            ("vocabulary_size", VocabularySize, asked.VocabularySize), ("query_length", QueryLength, asked.QueryLength), ("passage_length", PassageLength, asked.PassageLength),
            ("query_prompt", QueryPrompt, asked.QueryPrompt), ("passage_prompt", PassagePrompt, asked.PassagePrompt), ("special_tokens", SpecialTokens, asked.SpecialTokens),
        })
        {
            if (!found.Equals(expected))
            {
                throw new TrainerException($"{label} was packed with {what} '{found}'; these options and this model ask for '{expected}'. Pack the set again for them.");
            }
        }
    }

    /// <summary>Writes the file; equal manifests give equal bytes.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, PackedManifestJson.Default.PackedManifest) + "\n");

    /// <summary>Reads a file.</summary>
    /// <exception cref="TrainerException">It is missing, no such file, or of another format.</exception>
    public static PackedManifest Read(string path)
    {
        try
        {
            var manifest = JsonSerializer.Deserialize(File.ReadAllText(path), PackedManifestJson.Default.PackedManifest) ?? throw new JsonException("The file is empty.");
            return manifest.Format is 1 or 2
                ? manifest
                : throw new TrainerException($"{path} is of format {manifest.Format}; expected 1 or 2. Pack the training set with this version.");
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new TrainerException($"{path} is not the manifest of a packed training set: {error.Message}", error);
        }
    }
}

/// <summary>How the manifest is read and written, made when the program is compiled: a trimmed program has no other way.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(PackedManifest))]
sealed partial class PackedManifestJson : JsonSerializerContext;
