using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// One row per bag: ids (N) with offsets (B) where each bag starts, or ids (B, L) with one bag per row -> (B, embedding_dims).
/// Per-sample weights, in mode Sum only, have the shape of the ids.
/// </summary>
public sealed class EmbeddingBag : nn.Module<Tensor, Tensor?, Tensor?, Tensor>
{
    readonly EmbeddingBagMode mode;
    readonly bool sparse;
    readonly bool includeLastOffset;
    readonly long paddingIndex;

    internal EmbeddingBag(long rows, long dims, EmbeddingBagMode mode, bool sparse, bool includeLastOffset, long paddingIndex, Device? device, ScalarType? dtype)
        : base(nameof(EmbeddingBag))
    {
        (this.mode, this.sparse, this.includeLastOffset, this.paddingIndex) = (mode, sparse, includeLastOffset, paddingIndex);
        weight = new Parameter(empty([rows, dims], dtype, device));
        nn.init.normal_(weight);
        if (paddingIndex >= 0)
        {
            using var none = no_grad();
            using var row = weight.select(0, paddingIndex);
            row.zero_();
        }
        register_parameter(nameof(weight), weight);
    }

    /// <summary>(num_embeddings, embedding_dims)</summary>
    public Parameter weight { get; }

    public override Tensor forward(Tensor input1, Tensor? input2, Tensor? input3) =>
        nn.functional.embedding_bag(input1, weight, input2, mode, sparse, input3, includeLastOffset, paddingIndex);

    public Tensor call(Tensor input) => forward(input, null, null);

    public Tensor call(Tensor input, Tensor offsets) => forward(input, offsets, null);

    protected internal override void RegisterComponents()
    {
    }
}
