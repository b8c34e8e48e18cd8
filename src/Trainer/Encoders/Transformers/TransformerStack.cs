using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Encoders.Transformers;

/// <summary>How a forward pass is computed.</summary>
/// <param name="Training">Whether dropout is on.</param>
/// <param name="Precision">Type of the products.</param>
/// <param name="Checkpointing">Whether the backward pass computes the inner states of each layer again.</param>
/// <param name="LastInput">Where what the last layer reads goes, (T, D), with its gradient; null lets it go. BERT and XLM-RoBERTa alone.</param>
readonly record struct StackMode(bool Training, Precision Precision, bool Checkpointing, ICollection<Tensor>? LastInput = null);

/// <summary>Embeddings and layers of one kind of encoder: ids to hidden states.</summary>
abstract class TransformerStack
{
    /// <summary>The stack of a configuration's kind over its parameters, which stay the caller's.</summary>
    public static TransformerStack Over(TransformerConfig config, IReadOnlyDictionary<string, Parameter> parameters) =>
        config.Modern is { } shape ? new ModernBertStack(config, shape, parameters) : new BertStack(config, parameters);

    /// <summary>Hidden states of the last layer for texts end to end, (T, D) of Float32.</summary>
    public abstract Tensor Packed(PackedBatch batch, Device device, StackMode mode);

    /// <summary>Hidden states of the last layer, (B, L, D), for ids (B, L).</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="mask">(B, L), not 0 at tokens and 0 at padding; null where nothing is padded.</param>
    /// <param name="types">Token types, (B, L); null for 0 everywhere.</param>
    /// <param name="training">Whether dropout is on.</param>
    /// <param name="states">Where the states behind the embeddings and behind every layer go; null lets them go.</param>
    public abstract Tensor Padded(Tensor ids, Tensor? mask, Tensor? types, bool training, ICollection<Tensor>? states);
}
