using static TorchSharp.torch;

namespace Trainer.Heads;

/// <summary>Embeddings of a batch of texts, B of them; what was not asked for is null.</summary>
public sealed record HeadOutputs
{
    /// <summary>One vector per text, (B, D).</summary>
    public Tensor? Dense { get; init; }

    /// <summary>One weight per token id and text.</summary>
    public SparseVectors? Sparse { get; init; }

    /// <summary>One vector per token.</summary>
    public MultiVectors? MultiVector { get; init; }
}
