using System.Text.Json;

namespace Trainer.Encoders.Transformers;

/// <summary>ModernBERT's <c>config.json</c>: keys of Transformers 4.48 and later, and those that version 5 has in their place.</summary>
static class ModernBertConfigFile
{
    const string Full = "full_attention";
    const string Sliding = "sliding_attention";

    /// <summary>Reads what the file says; <see cref="TransformerConfig.Validate"/> is left to the caller.</summary>
    /// <exception cref="TrainerException">A key is missing or of another type, or asks for what is not computed here.</exception>
    public static TransformerConfig Parse(ConfigKeys keys, string path)
    {
        keys.Expect("hidden_activation", "gelu");
        if (keys.Object("rope_scaling") is not null)
        {
            throw new TrainerException($"{path} says rope_scaling; expected none: positions are rotated as they are.");
        }

        var layers = keys.Whole("num_hidden_layers");
        var rope = keys.Object("rope_parameters");
        var global = Theta(rope, Full, path) ?? keys.Number("global_rope_theta", 160_000);

        // Version 4 takes null for "as the global one".
        var local = Theta(rope, Sliding, path) ?? keys.Number("local_rope_theta", keys.Has("local_rope_theta") ? global : 10_000);
        return new TransformerConfig
        {
            ModelType = TransformerConfig.ModernBert,
            VocabularySize = keys.Whole("vocab_size"),
            HiddenSize = keys.Whole("hidden_size"),
            Layers = layers,
            Heads = keys.Whole("num_attention_heads"),
            IntermediateSize = keys.Whole("intermediate_size"),
            MaxPositions = keys.Whole("max_position_embeddings", 8192),
            TokenTypes = 1,
            PadTokenId = keys.Whole("pad_token_id", 50283),
            LayerNormEpsilon = keys.Number("norm_eps", 1e-5),
            HiddenDropout = keys.Number("embedding_dropout", 0),
            AttentionDropout = keys.Number("attention_dropout", 0),
            InitializerRange = keys.Number("initializer_range", 0.02),
            Modern = new ModernBertShape
            {
                GlobalEvery = Every(keys, layers, path),
                Window = keys.Whole("local_attention", 128),
                GlobalTheta = global,
                LocalTheta = local,
                AttentionBias = keys.Flag("attention_bias"),
                MlpBias = keys.Flag("mlp_bias"),
                NormBias = keys.Flag("norm_bias"),
                MlpDropout = keys.Number("mlp_dropout", 0),
                InitializerCutoff = keys.Number("initializer_cutoff_factor", 2),
            },
        };
    }

    /// <summary>Writes the keys that versions 4 and 5 of Transformers both read, in ordinal order.</summary>
    public static void Write(TransformerConfig config, Utf8JsonWriter json)
    {
        var modern = config.Modern!;
        json.WriteBoolean("attention_bias", modern.AttentionBias);
        json.WriteNumber("attention_dropout", config.AttentionDropout);

        // Left out, these would be those of a vocabulary of 50,368.
        json.WriteNull("bos_token_id");
        json.WriteNull("cls_token_id");
        json.WriteNumber("embedding_dropout", config.HiddenDropout);
        json.WriteNull("eos_token_id");
        json.WriteNumber("global_attn_every_n_layers", modern.GlobalEvery);
        json.WriteNumber("global_rope_theta", modern.GlobalTheta);
        json.WriteString("hidden_activation", "gelu");
        json.WriteNumber("hidden_size", config.HiddenSize);
        json.WriteNumber("initializer_cutoff_factor", modern.InitializerCutoff);
        json.WriteNumber("initializer_range", config.InitializerRange);
        json.WriteNumber("intermediate_size", config.IntermediateSize);
        json.WriteNumber("local_attention", modern.Window);
        json.WriteNumber("local_rope_theta", modern.LocalTheta);
        json.WriteNumber("max_position_embeddings", config.MaxPositions);
        json.WriteBoolean("mlp_bias", modern.MlpBias);
        json.WriteNumber("mlp_dropout", modern.MlpDropout);
        json.WriteString("model_type", config.ModelType);
        json.WriteBoolean("norm_bias", modern.NormBias);
        json.WriteNumber("norm_eps", config.LayerNormEpsilon);
        json.WriteNumber("num_attention_heads", config.Heads);
        json.WriteNumber("num_hidden_layers", config.Layers);
        json.WriteNumber("pad_token_id", config.PadTokenId);
        json.WriteNull("sep_token_id");
        json.WriteString("torch_dtype", "float32");
        json.WriteNumber("vocab_size", config.VocabularySize);
    }

    static double? Theta(ConfigKeys? rope, string kind, string path)
    {
        if (rope?.Object(kind) is not { } keys)
        {
            return null;
        }

        keys.Expect("rope_type", "default");
        var theta = keys.Number("rope_theta", double.NaN);
        return double.IsNaN(theta) ? null : theta >= 1 ? theta : throw new TrainerException($"{path} says rope_theta {theta} for {kind}; expected 1 or more.");
    }

    // Version 5 names each layer's kind. Only what one number says is computed here, which all published models are.
    static int Every(ConfigKeys keys, int layers, string path)
    {
        if (keys.Texts("layer_types") is not { } kinds)
        {
            return keys.Whole("global_attn_every_n_layers", 3);
        }

        if (kinds.Count != layers || kinds.Any(k => k is not (Full or Sliding)))
        {
            throw new TrainerException($"{path} names {kinds.Count} layer_types for {layers} layers; expected one each, {Full} or {Sliding}.");
        }

        var said = keys.Whole("global_attn_every_n_layers", 0);
        var second = Enumerable.Range(1, Math.Max(0, layers - 1)).FirstOrDefault(i => kinds[i] == Full);
        var every = said > 0 ? said : second > 0 ? second : Math.Max(1, layers);
        return Enumerable.Range(0, layers).All(i => kinds[i] == Full == (i % every == 0))
            ? every
            : throw new TrainerException($"{path}: layer_types attend to whole texts in other layers than every n-th, the first among them{(said > 0 ? $" (global_attn_every_n_layers {said})" : "")}; expected that pattern, the only one this encoder computes.");
    }
}
