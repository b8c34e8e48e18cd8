using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Rows of a table by id: (...) Int64 -> (..., embedding_dims).</summary>
public sealed class Embedding : nn.Module<Tensor, Tensor>
{
    readonly long paddingIndex;
    readonly bool scaleGradByFreq;
    readonly bool sparse;

    internal Embedding(long rows, long dims, long? padding, bool scaleGradByFreq, bool sparse, Device? device, ScalarType? dtype)
        : base(nameof(Embedding))
    {
        paddingIndex = padding is null ? -1 : padding.Value < 0 ? padding.Value + rows : padding.Value;
        (this.scaleGradByFreq, this.sparse) = (scaleGradByFreq, sparse);
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

    public override Tensor forward(Tensor input) => nn.functional.embedding(input, weight, paddingIndex, scaleGradByFreq, sparse);

    protected internal override void RegisterComponents()
    {
    }
}
