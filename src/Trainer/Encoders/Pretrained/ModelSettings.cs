using System.Text.Json;
using Trainer.Encoders.Transformers;
using Trainer.Heads;

namespace Trainer.Encoders.Pretrained;

/// <summary>
/// How a transformer of a Hugging Face folder is to be used, as its files say: pooling by <c>1_Pooling</c>, normalisation by <c>modules.json</c>, length by
/// <c>sentence_bert_config.json</c>, prompts by <c>config_sentence_transformers.json</c>; where they are silent, as its family is known for.
/// </summary>
public sealed record ModelSettings
{
    /// <summary>Shape of the encoder.</summary>
    public required TransformerConfig Config { get; init; }

    /// <summary>Name it goes by: what <c>config.json</c> or its card calls it, else the folder's.</summary>
    public required string Name { get; init; }

    /// <summary>The family it belongs to; null where none is known.</summary>
    public ModelFamily? Family { get; init; }

    /// <summary>How it pools; null where nobody says.</summary>
    public Said<PoolingMode>? Pooling { get; init; }

    /// <summary>Whether its embeddings are scaled to length one; null where nobody says.</summary>
    public Said<bool>? Normalize { get; init; }

    /// <summary>Length of the embeddings behind its projection, and the folder it lies in; null for none.</summary>
    public Said<int>? Projection { get; init; }

    /// <summary>Tokens it reads of a text.</summary>
    public required Said<int> MaxLength { get; init; }

    /// <summary>What it expects before texts; nothing where nobody says.</summary>
    public required Said<ModelPrompts> Prompts { get; init; }

    /// <summary>Tokens kept of queries and passages, where its own training kept fewer than <see cref="MaxLength"/>; null otherwise.</summary>
    public (int Query, int Passage)? Lengths { get; init; }

    /// <summary>Whether texts are lower-cased before they are tokenised; only tokenizers that do so themselves fit then.</summary>
    public bool LowerCase { get; init; }

    /// <summary>Lengths to which embeddings may be cut; empty where it was not trained for.</summary>
    public IReadOnlyList<int> MatryoshkaDimensions { get; init; } = [];

    /// <summary>Whether it is a finished product rather than one meant to be trained further.</summary>
    public bool IsFinished => Family?.IsFinished(Name) == true;

    /// <summary>Reads a folder's small files; weights and tokenizer are left alone.</summary>
    /// <exception cref="TrainerException">A file is unsound, or asks for something that is not computed here; the message names it.</exception>
    public static ModelSettings Read(FileSet files)
    {
        try
        {
            return SentenceTransformersReader.Read(files);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new TrainerException($"{files.Label} is not a model's folder: {error.Message}", error);
        }
    }

    /// <summary>The configuration under which it encodes.</summary>
    /// <param name="pooling">How to pool where it does not say.</param>
    /// <param name="normalize">Whether to normalise where it does not say.</param>
    /// <exception cref="TrainerException">Neither its files, nor its family, nor the caller says how it pools.</exception>
    public ModelConfig ToConfig(PoolingMode? pooling = null, bool? normalize = null)
    {
        var mode = Pooling?.Value ?? pooling ?? throw new TrainerException(
            $"{Name} does not say how its token vectors become one (no 1_Pooling/config.json, and no known family by its name). Say it: pooling {string.Join(", ", PoolingNames.All)}. " +
            "The wrong one loses what the model was trained for.");
        return new ModelConfig
        {
            ModelType = Config.ModelType,
            Dimensions = Projection?.Value ?? Config.HiddenSize,
            VocabularySize = Config.VocabularySize,
            Pooling = PoolingNames.Of(mode),
            Normalize = Normalize?.Value ?? normalize ?? false,
            MatryoshkaDimensions = MatryoshkaDimensions,
            QueryLength = Lengths?.Query ?? MaxLength.Value,
            PassageLength = Lengths?.Passage ?? MaxLength.Value,
            QueryPrompt = Prompts.Value.Query,
            PassagePrompt = Prompts.Value.Passage,
        };
    }
}
