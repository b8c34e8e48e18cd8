namespace Trainer.Encoders.Transformers;

/// <summary>Names and shapes of ModernBERT's tensors, as Hugging Face names them, in the order of its modules.</summary>
static class ModernBertTensors
{
    /// <summary>The token table, (V, D).</summary>
    public const string Tokens = "embeddings.tok_embeddings.weight";

    /// <summary>The layer norm behind the embeddings.</summary>
    public const string Norm = "embeddings.norm";

    /// <summary>The layer norm behind the last layer.</summary>
    public const string FinalNorm = "final_norm";

    /// <summary>Starts of the encoder's names.</summary>
    public static readonly string[] Parts = ["embeddings.", "layers.", "final_norm."];

    /// <summary>Start of a layer's names, with the dot.</summary>
    public static string Layer(int index) => $"layers.{index}.";

    /// <summary>All tensors; weights of linear maps are (out, in), a bias is there where the configuration says so.</summary>
    public static IEnumerable<(string Name, long[] Shape)> Of(TransformerConfig config, ModernBertShape shape)
    {
        long width = config.HiddenSize, inner = config.IntermediateSize;
        yield return (Tokens, [config.VocabularySize, width]);
        foreach (var tensor in Part(Norm, [width], shape.NormBias))
        {
            yield return tensor;
        }

        for (var layer = 0; layer < config.Layers; layer++)
        {
            // The first layer reads the embeddings, which were normalised just before.
            (string Name, long[] Weight, bool Bias)[] parts =
            [
                .. layer == 0 ? [] : new[] { ("attn_norm", new[] { width }, shape.NormBias) },
                ("attn.Wqkv", [3 * width, width], shape.AttentionBias),
                ("attn.Wo", [width, width], shape.AttentionBias),
                ("mlp_norm", [width], shape.NormBias),
                ("mlp.Wi", [2 * inner, width], shape.MlpBias),
                ("mlp.Wo", [width, inner], shape.MlpBias),
            ];
            foreach (var tensor in parts.SelectMany(p => Part(Layer(layer) + p.Name, p.Weight, p.Bias)))
            {
                yield return tensor;
            }
        }

        foreach (var tensor in Part(FinalNorm, [width], shape.NormBias))
        {
            yield return tensor;
        }
    }

    static IEnumerable<(string Name, long[] Shape)> Part(string name, long[] weight, bool bias)
    {
        yield return (name + ".weight", weight);
        if (bias)
        {
            yield return (name + ".bias", [weight[0]]);
        }
    }
}
