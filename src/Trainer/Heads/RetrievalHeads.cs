using TorchSharp.Modules;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>What turns an encoder's hidden states into embeddings: pooling, with a projection where there is one, and the sparse and multi-vector heads where there are some.</summary>
public sealed class RetrievalHeads : IDisposable
{
    /// <summary>Hidden states to one vector.</summary>
    public required PoolingMode Pooling { get; init; }

    /// <summary>Whether dense embeddings are scaled to length one.</summary>
    public required bool Normalize { get; init; }

    /// <summary>Whether the vectors of tokens are scaled to length one.</summary>
    /// <value>Default: true.</value>
    public bool NormalizeTokens { get; init; } = true;

    /// <summary>Behind the pooling; null for none.</summary>
    public Projection? Projection { get; init; }

    /// <summary>The sparse head; null for none.</summary>
    public SparseHead? Sparse { get; init; }

    /// <summary>The multi-vector head; null for none.</summary>
    public MultiVectorHead? MultiVector { get; init; }

    /// <summary>What can be asked for.</summary>
    public HeadSet Available => HeadSet.Dense | (Sparse is null ? HeadSet.None : HeadSet.Sparse) | (MultiVector is null ? HeadSet.None : HeadSet.MultiVector);

    /// <summary>Parameters: the projection's, the sparse head's, the multi-vector head's.</summary>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters =>
        [.. Projection?.Parameters ?? [], .. Sparse?.Parameters ?? [], .. MultiVector?.Parameters ?? []];

    /// <summary>Dense embeddings before normalisation, (B, D).</summary>
    public Tensor Dense(TokenStates states)
    {
        var pooled = Heads.Pooling.Pool(states, Pooling);
        if (Projection is null)
        {
            return pooled;
        }

        using (pooled)
        {
            return Projection.Forward(pooled);
        }
    }

    /// <summary>The embeddings asked for, of the same hidden states.</summary>
    /// <param name="states">Hidden states.</param>
    /// <param name="heads">What to compute.</param>
    /// <param name="raw">Leaves dense embeddings unnormalised, for losses.</param>
    /// <exception cref="TrainerException">A head is asked for that is not there.</exception>
    public HeadOutputs Forward(TokenStates states, HeadSet heads, bool raw = false)
    {
        Require(heads);
        using var scope = NewDisposeScope();
        return new HeadOutputs
        {
            Dense = heads.HasFlag(HeadSet.Dense) ? (Normalize && !raw ? Heads.Pooling.Normalize(Dense(states)) : Dense(states)).MoveToOuterDisposeScope() : null,
            Sparse = heads.HasFlag(HeadSet.Sparse) ? Outward(Sparse!.Forward(states)) : null,
            MultiVector = heads.HasFlag(HeadSet.MultiVector) ? Outward(MultiVector!.Forward(states, NormalizeTokens)) : null,
        };
    }

    /// <summary>Refuses what cannot be served.</summary>
    /// <exception cref="TrainerException">A head is asked for that is not there.</exception>
    public void Require(HeadSet heads)
    {
        if ((heads & ~Available) != HeadSet.None || heads == HeadSet.None)
        {
            throw new TrainerException(
                $"The heads {heads} were asked for; the model has {Available}. The others need {SparseHead.FileName} or {MultiVectorHead.FileName} (.safetensors or .pt) beside the model.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Projection?.Dispose();
        Sparse?.Dispose();
        MultiVector?.Dispose();
    }

    static SparseVectors Outward(SparseVectors vectors)
    {
        vectors.Weights.MoveToOuterDisposeScope();
        return vectors;
    }

    static MultiVectors Outward(MultiVectors vectors)
    {
        vectors.Values.MoveToOuterDisposeScope();
        return vectors;
    }
}
