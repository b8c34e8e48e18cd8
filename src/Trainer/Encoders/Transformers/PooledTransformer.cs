using TorchSharp.Modules;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>A transformer with a pooling head: one vector per text.</summary>
/// <param name="transformer">Ids to hidden states; disposed with this.</param>
/// <param name="pooling">Hidden states to one vector.</param>
public sealed class PooledTransformer(TransformerEncoder transformer, PoolingMode pooling) : IEncoder
{
    /// <summary>Ids to hidden states.</summary>
    public TransformerEncoder Transformer => transformer;

    /// <summary>Hidden states to one vector.</summary>
    public PoolingMode Pooling => pooling;

    /// <inheritdoc/>
    public string Type => transformer.Config.ModelType;

    /// <inheritdoc/>
    public bool SpecialTokens => true;

    /// <inheritdoc/>
    public Precision Precision
    {
        get => transformer.Precision;
        set => transformer.Precision = value;
    }

    /// <inheritdoc/>
    public int Dimensions => transformer.Config.HiddenSize;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters => transformer.Parameters;

    /// <inheritdoc/>
    public bool Training
    {
        get => transformer.Training;
        set => transformer.Training = value;
    }

    /// <summary>Encodes a batch: (B, D), not normalised. Both roles are read alike; their prompts are part of the ids.</summary>
    /// <exception cref="TrainerException">A text is longer than the model's positions, or an id is outside the vocabulary.</exception>
    public Tensor Forward(TokenBatch batch, TextRole role)
    {
        using var scope = NewDisposeScope();
        var states = transformer.Forward(batch);
        return Heads.Pooling.Pool(states.Padded(), states.Mask(), pooling).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose() => transformer.Dispose();
}
