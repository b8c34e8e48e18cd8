using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using static TorchSharp.torch;

namespace Trainer.Tests.Encoders;

/// <summary>Small ModernBERTs whose every part, norms and biases among them, has numbers of its own.</summary>
static class ModernBert
{
    public static readonly TransformerConfig Config = new()
    {
        ModelType = TransformerConfig.ModernBert,
        VocabularySize = 50,
        HiddenSize = 32,
        Layers = 4,
        Heads = 2,
        IntermediateSize = 24,
        MaxPositions = 1024,
        TokenTypes = 1,
        PadTokenId = 0,
        LayerNormEpsilon = 1e-5,
        HiddenDropout = 0,
        AttentionDropout = 0,
        InitializerRange = 0.15,
        Modern = new ModernBertShape { Window = 8 },
    };

    public static readonly TransformerConfig Biased = Config with
    {
        Layers = 3,
        Modern = new ModernBertShape { GlobalEvery = 2, Window = 5, GlobalTheta = 500, LocalTheta = 37.5, AttentionBias = true, MlpBias = true, NormBias = true },
    };

    public static TransformerEncoder Create(TransformerConfig config, long seed = 4)
    {
        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var encoder = TransformerEncoder.Create(config, seed);
        foreach (var (_, value) in encoder.Parameters.Where(p => p.Value.ndim == 1))
        {
            value.add_(randn(value.shape) * 0.2);
        }

        return encoder;
    }

    /// <summary>Writes <c>config.json</c> and <c>model.safetensors</c>.</summary>
    public static void Write(TransformerEncoder encoder, string folder)
    {
        TransformerConfigWriter.Write(encoder.Config, Path.Combine(folder, ModelFolder.ConfigFile), TransformerConfigWriter.Architecture(encoder.Config));
        SafetensorsWriter.Write(Path.Combine(folder, ModelFolder.WeightsFile), Tensors(encoder));
    }

    public static List<SafetensorsTensor> Tensors(TransformerEncoder encoder) => [.. encoder.Parameters.Select(p => SafetensorsTensor.Floats(p.Name, p.Value.shape, p.Value.data<float>().ToArray()))];

    public static TokenBatch Texts(params int[] lengths) => PackedParityTests.Texts(Config, lengths);
}
