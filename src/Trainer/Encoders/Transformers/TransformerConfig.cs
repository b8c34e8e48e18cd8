using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Trainer.Encoders.Transformers;

/// <summary>Shape and constants of an encoder, as <c>config.json</c> of a Hugging Face folder says them.</summary>
public sealed record TransformerConfig
{
    /// <summary>Model type of BERT and what is built as it is (E5, BGE-en, SimLM, MiniLM, GTE).</summary>
    public const string Bert = "bert";

    /// <summary>Model type of XLM-RoBERTa (multilingual E5, BGE-M3).</summary>
    public const string XlmRoberta = "xlm-roberta";

    /// <summary>Model type of ModernBERT.</summary>
    public const string ModernBert = "modernbert";

    /// <summary>The model types, as messages list them.</summary>
    internal const string Known = $"{Bert}, {XlmRoberta} or {ModernBert}";

    /// <summary>A configuration has at most so many bytes.</summary>
    internal const long MaxBytes = 16 << 20;

    /// <summary>
    /// <see cref="Bert"/> or <see cref="XlmRoberta"/>, which differ in position ids, padding id and the prefix of tensor names, or <see cref="ModernBert"/>, whose layers are others.
    /// </summary>
    public required string ModelType { get; init; }

    /// <summary>Rows of the token table, V.</summary>
    [Range(1, 10_000_000)]
    public required int VocabularySize { get; init; }

    /// <summary>Width of the hidden states, D; a multiple of <see cref="Heads"/>.</summary>
    [Range(1, 65536)]
    public required int HiddenSize { get; init; }

    /// <summary>Number of layers.</summary>
    [Range(1, 1000)]
    public required int Layers { get; init; }

    /// <summary>Attention heads per layer, H.</summary>
    [Range(1, 65536)]
    public required int Heads { get; init; }

    /// <summary>Width of the feed-forward part, I; ModernBERT's first map there is twice as wide, for a value and its gate.</summary>
    [Range(1, 1_000_000)]
    public required int IntermediateSize { get; init; }

    /// <summary>Rows of the position table, P, which ModernBERT has none of but a limit; see <see cref="MaxLength"/> for how many tokens they serve.</summary>
    [Range(1, 10_000_000)]
    public required int MaxPositions { get; init; }

    /// <summary>Rows of the token type table; 1 for ModernBERT, which has none.</summary>
    /// <value>Default: 2.</value>
    [Range(1, 65536)]
    public int TokenTypes { get; init; } = 2;

    /// <summary>Id of the padding token: its rows get no gradient.</summary>
    [Range(0, 10_000_000)]
    public required int PadTokenId { get; init; }

    /// <summary>Epsilon of the layer norms.</summary>
    /// <value>Default: 1e-12.</value>
    [Range(double.Epsilon, 1)]
    public double LayerNormEpsilon { get; init; } = 1e-12;

    /// <summary>Dropout behind the embeddings and, but for ModernBERT, before each residual, while training.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0, 0.999)]
    public double HiddenDropout { get; init; } = 0.1;

    /// <summary>Dropout of attention weights and, for ModernBERT, of what attention gives, while training.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0, 0.999)]
    public double AttentionDropout { get; init; } = 0.1;

    /// <summary>Standard deviation of new weights.</summary>
    /// <value>Default: 0.02.</value>
    [Range(1e-6, 100)]
    public double InitializerRange { get; init; } = 0.02;

    /// <summary>What only ModernBERT has; null for the other types.</summary>
    public ModernBertShape? Modern { get; init; }

    /// <summary>Tokens a text may have. XLM-RoBERTa's positions start at the padding id plus one, so it has fewer than rows.</summary>
    public int MaxLength => ModelType == XlmRoberta ? MaxPositions - PadTokenId - 1 : MaxPositions;

    /// <summary>Prefix that tensor names have where the encoder is part of a larger model.</summary>
    public string Prefix => ModelType switch { XlmRoberta => "roberta.", ModernBert => "model.", _ => "bert." };

    /// <summary>Reads a Hugging Face <c>config.json</c>; keys this encoder does not need are ignored.</summary>
    /// <exception cref="TrainerException">Unreadable, a key is missing or out of range, or it describes something this encoder is not.</exception>
    public static TransformerConfig Read(string path)
    {
        try
        {
            using var json = ConfigKeys.Open(path, MaxBytes);
            return Parse(json.RootElement, path);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            throw new TrainerException($"{path} is not a model's configuration: {error.Message}", error);
        }
    }

    /// <summary>Checks that the values fit each other.</summary>
    /// <param name="where">What messages call the configuration.</param>
    /// <exception cref="TrainerException">A value is out of range or contradicts another.</exception>
    public void Validate(string where)
    {
        var faults = new List<ValidationResult>();
        if (ModelType is not (Bert or XlmRoberta or ModernBert))
        {
            throw new TrainerException($"{where} says model_type '{ModelType}'; expected {Known}.");
        }

        if (Modern is null == (ModelType == ModernBert))
        {
            throw new TrainerException($"{where} says model_type '{ModelType}' {(Modern is null ? "without" : "with")} ModernBERT's own settings; expected them for {ModernBert} alone.");
        }

        var sound = Validator.TryValidateObject(this, new ValidationContext(this), faults, validateAllProperties: true);
        if (!(Modern is null || Validator.TryValidateObject(Modern, new ValidationContext(Modern), faults, validateAllProperties: true)) || !sound)
        {
            throw new TrainerException($"{where} is out of range: {string.Join(" ", faults.Select(f => f.ErrorMessage))}");
        }

        if (HiddenSize % Heads != 0)
        {
            throw new TrainerException($"{where}: hidden_size {HiddenSize} is no multiple of num_attention_heads {Heads}; expected one, as each head has an equal share.");
        }

        if (Modern is not null && HiddenSize / Heads % 2 != 0)
        {
            throw new TrainerException($"{where}: hidden_size {HiddenSize} gives each of {Heads} heads an odd share; expected an even one, as positions turn pairs of numbers.");
        }

        if (PadTokenId >= VocabularySize || MaxLength < 1)
        {
            throw new TrainerException($"{where}: pad_token_id {PadTokenId} does not fit vocab_size {VocabularySize} and max_position_embeddings {MaxPositions}.");
        }
    }

    static TransformerConfig Parse(JsonElement root, string path)
    {
        var keys = new ConfigKeys(root, path);
        var type = keys.Text("model_type") ?? throw new TrainerException($"{path} has no model_type; expected {Known}.");
        if (type is not (Bert or XlmRoberta or ModernBert))
        {
            throw new TrainerException($"{path} says model_type '{type}'; expected static, {Known}.");
        }

        keys.Expect("position_embedding_type", "absolute");
        if (keys.Flag("is_decoder") || keys.Flag("add_cross_attention"))
        {
            throw new TrainerException($"{path} describes a decoder (is_decoder or add_cross_attention is true); expected an encoder.");
        }

        var config = type == ModernBert ? ModernBertConfigFile.Parse(keys, path) : ParseBert(keys, type);
        config.Validate(path);
        return config;
    }

    static TransformerConfig ParseBert(ConfigKeys keys, string type)
    {
        keys.Expect("hidden_act", "gelu");
        return new TransformerConfig
        {
            ModelType = type,
            VocabularySize = keys.Whole("vocab_size"),
            HiddenSize = keys.Whole("hidden_size"),
            Layers = keys.Whole("num_hidden_layers"),
            Heads = keys.Whole("num_attention_heads"),
            IntermediateSize = keys.Whole("intermediate_size"),
            MaxPositions = keys.Whole("max_position_embeddings"),
            TokenTypes = keys.Whole("type_vocab_size", 2),
            PadTokenId = keys.Whole("pad_token_id", type == XlmRoberta ? 1 : 0),
            LayerNormEpsilon = keys.Number("layer_norm_eps", 1e-12),
            HiddenDropout = keys.Number("hidden_dropout_prob", 0.1),
            AttentionDropout = keys.Number("attention_probs_dropout_prob", 0.1),
            InitializerRange = keys.Number("initializer_range", 0.02),
        };
    }
}
