using TorchSharp.Modules;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>A transformer with a pooling head, and a projection behind it where there is one: one vector per text.</summary>
/// <param name="transformer">Ids to hidden states; disposed with this.</param>
/// <param name="pooling">Hidden states to one vector.</param>
/// <param name="projection">Behind the pooling; null for none; disposed with this.</param>
public sealed class PooledTransformer(TransformerEncoder transformer, PoolingMode pooling, Projection? projection = null) : IEncoder
{
    /// <summary>Ids to hidden states.</summary>
    public TransformerEncoder Transformer => transformer;

    /// <summary>Hidden states to one vector.</summary>
    public PoolingMode Pooling => pooling;

    /// <summary>Behind the pooling; null for none.</summary>
    public Projection? Projection => projection;

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
    public int Dimensions => projection?.Outputs ?? transformer.Config.HiddenSize;

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; } = [.. transformer.Parameters, .. projection?.Parameters ?? []];

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
        var pooled = Heads.Pooling.Pool(transformer.Forward(batch), pooling);
        return (projection is null ? pooled : projection.Forward(pooled)).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        transformer.Dispose();
        projection?.Dispose();
    }
}
