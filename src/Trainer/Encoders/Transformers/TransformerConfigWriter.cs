using Trainer.Export;

namespace Trainer.Encoders.Transformers;

/// <summary>Writes a <see cref="TransformerConfig"/> as the <c>config.json</c> that Transformers loads without code. Equal configurations give equal bytes.</summary>
public static class TransformerConfigWriter
{
    /// <summary>Writes the file: keys in ordinal order, as Transformers writes them.</summary>
    /// <param name="config">What to write.</param>
    /// <param name="path">The file.</param>
    /// <param name="architecture">Name of Transformers' class that the weights are of; see <see cref="Architecture"/>.</param>
    /// <exception cref="TrainerException">The configuration contradicts itself.</exception>
    public static void Write(TransformerConfig config, string path, string architecture)
    {
        config.Validate(path);
        JsonFile.Write(path, json =>
        {
            json.WriteStartArray("architectures");
            json.WriteStringValue(architecture);
            json.WriteEndArray();
            if (config.Modern is not null)
            {
                ModernBertConfigFile.Write(config, json);
                return;
            }

            json.WriteNumber("attention_probs_dropout_prob", config.AttentionDropout);
            json.WriteNull("classifier_dropout");
            json.WriteString("hidden_act", "gelu");
            json.WriteNumber("hidden_dropout_prob", config.HiddenDropout);
            json.WriteNumber("hidden_size", config.HiddenSize);
            json.WriteNumber("initializer_range", config.InitializerRange);
            json.WriteNumber("intermediate_size", config.IntermediateSize);
            json.WriteNumber("layer_norm_eps", config.LayerNormEpsilon);
            json.WriteNumber("max_position_embeddings", config.MaxPositions);
            json.WriteString("model_type", config.ModelType);
            json.WriteNumber("num_attention_heads", config.Heads);
            json.WriteNumber("num_hidden_layers", config.Layers);
            json.WriteNumber("pad_token_id", config.PadTokenId);
            json.WriteString("position_embedding_type", "absolute");
            json.WriteString("torch_dtype", "float32");
            json.WriteNumber("type_vocab_size", config.TokenTypes);
            json.WriteBoolean("use_cache", true);
            json.WriteNumber("vocab_size", config.VocabularySize);
        });
    }

    /// <summary>Name of Transformers' class for an encoder without heads: <c>BertModel</c>, <c>XLMRobertaModel</c>, <c>ModernBertModel</c>.</summary>
    public static string Architecture(TransformerConfig config) => config.ModelType switch
    {
        TransformerConfig.XlmRoberta => "XLMRobertaModel",
        TransformerConfig.ModernBert => "ModernBertModel",
        _ => "BertModel",
    };
}
