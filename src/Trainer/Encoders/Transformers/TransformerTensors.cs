namespace Trainer.Encoders.Transformers;

/// <summary>Names and shapes of an encoder's tensors, as Hugging Face names them, in the order of its modules.</summary>
public static class TransformerTensors
{
    /// <summary>The token table of BERT and XLM-RoBERTa, (V, D); see <see cref="TokenTable"/>.</summary>
    public const string Tokens = "embeddings.word_embeddings.weight";

    /// <summary>The position table, (P, D).</summary>
    public const string Positions = "embeddings.position_embeddings.weight";

    /// <summary>The token type table, (T, D).</summary>
    public const string Types = "embeddings.token_type_embeddings.weight";

    /// <summary>The layer norm behind the embeddings; add <c>.weight</c> or <c>.bias</c>.</summary>
    public const string Norm = "embeddings.LayerNorm";

    /// <summary>Start of a layer's names, with the dot.</summary>
    public static string Layer(int index) => $"encoder.layer.{index}.";

    /// <summary>Name of an encoder's token table, (V, D).</summary>
    public static string TokenTable(TransformerConfig config) => config.Modern is null ? Tokens : ModernBertTensors.Tokens;

    /// <summary>Whether a tensor of this name, without prefix, is a part of the encoder rather than of a head or a pooler.</summary>
    public static bool IsEncoders(TransformerConfig config, string name) =>
        (config.Modern is null ? ["embeddings.", "encoder."] : ModernBertTensors.Parts).Any(part => name.StartsWith(part, StringComparison.Ordinal));

    /// <summary>All tensors of an encoder; weights of linear maps are (out, in).</summary>
    public static IEnumerable<(string Name, long[] Shape)> Of(TransformerConfig config) => config.Modern is { } modern ? ModernBertTensors.Of(config, modern) : OfBert(config);

    static IEnumerable<(string Name, long[] Shape)> OfBert(TransformerConfig config)
    {
        long width = config.HiddenSize, inner = config.IntermediateSize;
        yield return (Tokens, [config.VocabularySize, width]);
        yield return (Positions, [config.MaxPositions, width]);
        yield return (Types, [config.TokenTypes, width]);
        yield return (Norm + ".weight", [width]);
        yield return (Norm + ".bias", [width]);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            (string Name, long[] Weight, long[] Bias)[] parts =
            [
                ("attention.self.query", [width, width], [width]),
                ("attention.self.key", [width, width], [width]),
                ("attention.self.value", [width, width], [width]),
                ("attention.output.dense", [width, width], [width]),
                ("attention.output.LayerNorm", [width], [width]),
                ("intermediate.dense", [inner, width], [inner]),
                ("output.dense", [width, inner], [width]),
                ("output.LayerNorm", [width], [width]),
            ];
            foreach (var (name, weight, bias) in parts)
            {
                yield return ($"{Layer(layer)}{name}.weight", weight);
                yield return ($"{Layer(layer)}{name}.bias", bias);
            }
        }
    }
}
