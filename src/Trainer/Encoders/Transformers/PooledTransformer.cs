using TorchSharp.Modules;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>A transformer with a pooling head, and a projection behind it where there is one: one vector per text.</summary>
/// <param name="transformer">Ids to hidden states; disposed with this.</param>
/// <param name="pooling">Hidden states to one vector.</param>
/// <param name="projection">Behind the pooling; null for none; disposed with this.</param>
public sealed class PooledTransformer(TransformerEncoder transformer, PoolingMode pooling, Projection? projection = null) : ITransformerModel
{
    // Tokens of one pass without a graph: enough that products run at full speed, few enough that the states stay near the processor.
    internal const long PassTokens = 8192;

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

    /// <summary>Encodes a batch: (B, D), not normalised. Both roles are read alike; their prompts are part of the ids. Without graph and dropout, memory is bounded whatever the batch.</summary>
    /// <exception cref="TrainerException">A text is longer than the model's positions, or an id is outside the vocabulary.</exception>
    public Tensor Forward(TokenBatch batch, TextRole role)
    {
        using var scope = NewDisposeScope();
        if (is_grad_enabled() || transformer.Training || batch.Ids.LongLength <= PassTokens)
        {
            return Pool(transformer.Forward(batch)).MoveToOuterDisposeScope();
        }

        var parts = new List<Tensor>();
        foreach (var slice in batch.Slices(PassTokens))
        {
            using var inner = NewDisposeScope();
            parts.Add(Pool(transformer.Forward(slice)).MoveToOuterDisposeScope());
        }

        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public (Tensor Queries, Tensor Passages) Forward(TokenBatch queries, TokenBatch passages)
    {
        using var scope = NewDisposeScope();
        var all = Forward(TokenBatch.Concat(queries, passages), TextRole.Passage);
        return (all.narrow(0, 0, queries.Count).MoveToOuterDisposeScope(), all.narrow(0, queries.Count, passages.Count).MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        transformer.Dispose();
        projection?.Dispose();
    }

    // The mean, like the modes that take one token, reads tokens as they lie.
    Tensor Pool(TokenStates states)
    {
        var device = states.Values.device;
        var pooled = pooling == PoolingMode.Mean
            ? nn.functional.embedding_bag(arange(states.Values.shape[0], int64, device), states.Values, tensor(states.Batch.Offsets).to(device))
            : Heads.Pooling.Pool(states, pooling);
        return projection is null ? pooled : projection.Forward(pooled);
    }
}
