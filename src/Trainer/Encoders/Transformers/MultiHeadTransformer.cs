using TorchSharp.Modules;
using Trainer.Heads;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>A transformer with all its heads: one forward of the encoder gives every embedding that is asked for.</summary>
/// <param name="transformer">Ids to hidden states; disposed with this.</param>
/// <param name="heads">Hidden states to embeddings; disposed with this.</param>
public sealed class MultiHeadTransformer(TransformerEncoder transformer, RetrievalHeads heads) : ITransformerModel
{
    /// <summary>Ids to hidden states.</summary>
    public TransformerEncoder Transformer => transformer;

    /// <summary>Hidden states to embeddings.</summary>
    public RetrievalHeads RetrievalHeads => heads;

    /// <inheritdoc/>
    public HeadSet Heads => heads.Available;

    /// <inheritdoc/>
    public PoolingMode Pooling => heads.Pooling;

    /// <inheritdoc/>
    public Projection? Projection => heads.Projection;

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

    /// <summary>Length of dense embeddings, D: the projection's where there is one.</summary>
    public int Dimensions => heads.Projection?.Outputs ?? transformer.Config.HiddenSize;

    /// <summary>Parameters of the transformer, then of the heads.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters { get; } = [.. transformer.Parameters, .. heads.Parameters];

    /// <inheritdoc/>
    public bool Training
    {
        get => transformer.Training;
        set => transformer.Training = value;
    }

    /// <summary>Dense embeddings of a batch for a loss, (B, D), not normalised. Both roles are read alike; their prompts are part of the ids. Where no graph is recorded, memory is bounded whatever the batch.</summary>
    /// <exception cref="TrainerException">A text is longer than the model's positions, or an id is outside the vocabulary.</exception>
    public Tensor Forward(TokenBatch batch, TextRole role)
    {
        using var scope = NewDisposeScope();
        if (is_grad_enabled() || batch.Ids.LongLength <= PooledTransformer.PassTokens)
        {
            return heads.Dense(transformer.Forward(batch)).MoveToOuterDisposeScope();
        }

        var parts = new List<Tensor>();
        foreach (var slice in batch.Slices(PooledTransformer.PassTokens))
        {
            using var inner = NewDisposeScope();
            parts.Add(heads.Dense(transformer.Forward(slice)).MoveToOuterDisposeScope());
        }

        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>The embeddings asked for, of one forward of the transformer.</summary>
    /// <param name="batch">The texts.</param>
    /// <param name="asked">What to compute.</param>
    /// <exception cref="TrainerException">A head is asked for that is not there, or as of <see cref="Forward"/>.</exception>
    public HeadOutputs Outputs(TokenBatch batch, HeadSet asked)
    {
        heads.Require(asked);
        using var scope = NewDisposeScope();
        return heads.Forward(transformer.Forward(batch), asked).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public HeadOutputs Outputs(TokenBatch batch, TextRole role, HeadSet heads)
    {
        using var scope = NewDisposeScope();
        return RetrievalHeads.Forward(transformer.Forward(batch), heads, raw: true).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        transformer.Dispose();
        heads.Dispose();
    }
}
