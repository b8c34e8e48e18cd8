using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Trainer.Encoders;

/// <summary>What <c>config.json</c> of a model folder says.</summary>
public sealed record ModelConfig
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    const long MaxBytes = 1 << 20;

    /// <summary>Kind of encoder.</summary>
    public required string ModelType { get; init; }

    /// <summary>Length of the embeddings, D.</summary>
    [Range(1, 65536)]
    public required int Dimensions { get; init; }

    /// <summary>Tokens in the vocabulary, V.</summary>
    [Range(1, 100_000_000)]
    public required int VocabularySize { get; init; }

    /// <summary>How token vectors become one: "weighted_mean".</summary>
    public required string Pooling { get; init; }

    /// <summary>Whether embeddings are scaled to length one.</summary>
    public required bool Normalize { get; init; }

    /// <summary>What queries have of their own.</summary>
    public QuerySide QuerySide { get; init; }

    /// <summary>Lengths to which embeddings may be cut; empty where it was not trained for.</summary>
    public IReadOnlyList<int> MatryoshkaDimensions { get; init; } = [];

    /// <summary>Tokens kept of a query.</summary>
    [Range(1, 1_000_000)]
    public required int QueryLength { get; init; }

    /// <summary>Tokens kept of a passage.</summary>
    [Range(1, 1_000_000)]
    public required int PassageLength { get; init; }

    /// <summary>Put before every query.</summary>
    public string QueryPrompt { get; init; } = "";

    /// <summary>Put before every passage.</summary>
    public string PassagePrompt { get; init; } = "";

    /// <summary>Writes the file; equal configurations give equal bytes.</summary>
    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Reads a file as <see cref="Write"/> writes it.</summary>
    /// <exception cref="TrainerException">It is not readable, lacks a key, or a value is out of range.</exception>
    public static ModelConfig Read(string path)
    {
        try
        {
            var config = JsonSerializer.Deserialize<ModelConfig>(UntrustedFile.Read(path, MaxBytes, "a model's configuration"), Json) ?? throw new TrainerException($"{path} is empty; expected a model's configuration.");
            Validator.ValidateObject(config, new ValidationContext(config), validateAllProperties: true);
            return config;
        }
        catch (Exception error) when (error is JsonException or ValidationException or IOException)
        {
            throw new TrainerException($"{path} is not a model's configuration: {error.Message}", error);
        }
    }
}
