using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Encoders.Transformers;

/// <summary>
/// One post-norm layer (Devlin et al. 2019, Vaswani et al. 2017): x = norm(x + attention(x)); x = norm(x + down(gelu(up(x)))), with the erf form of GELU.
/// </summary>
sealed class TransformerLayer
{
    readonly TransformerConfig _config;
    readonly (Parameter Weight, Parameter Bias) _query, _key, _value, _output, _attentionNorm, _up, _down, _norm;

    /// <param name="config">The encoder's configuration.</param>
    /// <param name="prefix">Start of the layer's tensor names.</param>
    /// <param name="parameters">The encoder's parameters by name.</param>
    public TransformerLayer(TransformerConfig config, string prefix, IReadOnlyDictionary<string, Parameter> parameters)
    {
        _config = config;
        (_query, _key, _value) = (Part("attention.self.query"), Part("attention.self.key"), Part("attention.self.value"));
        (_output, _attentionNorm) = (Part("attention.output.dense"), Part("attention.output.LayerNorm"));
        (_up, _down, _norm) = (Part("intermediate.dense"), Part("output.dense"), Part("output.LayerNorm"));

        Tensors = [.. new[] { _query, _key, _value, _output, _attentionNorm, _up, _down, _norm }.SelectMany(p => new Tensor[] { p.Weight, p.Bias })];

        (Parameter, Parameter) Part(string name) => (parameters[$"{prefix}{name}.weight"], parameters[$"{prefix}{name}.bias"]);
    }

    /// <summary>The layer's parameters, in the order of its modules.</summary>
    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>The next hidden states, (B, L, D).</summary>
    /// <param name="x">Hidden states, (B, L, D).</param>
    /// <param name="mask">True at tokens that may be looked at, (B, 1, 1, L); null where all may.</param>
    /// <param name="training">Whether dropout is on.</param>
    public Tensor Forward(Tensor x, Tensor? mask, bool training)
    {
        using var scope = NewDisposeScope();
        var mixed = F.scaled_dot_product_attention(
            Split(Apply(_query, x)), Split(Apply(_key, x)), Split(Apply(_value, x)), mask, training ? _config.AttentionDropout : 0);
        var attended = Apply(_output, mixed.transpose(1, 2).reshape(x.shape));
        return Rest(x, attended, training).MoveToOuterDisposeScope();
    }

    /// <summary>The next hidden states of texts end to end, (T, D), on any device: attention alone sees them padded.</summary>
    /// <param name="x">Hidden states, (T, D).</param>
    /// <param name="texts">Number of texts, B.</param>
    /// <param name="padding">How attention sees them, see <see cref="PackedBatch.Padding"/>.</param>
    /// <param name="training">Whether dropout is on.</param>
    public Tensor Packed(Tensor x, int texts, (Tensor Rows, Tensor Places, Tensor Visible)? padding, bool training)
    {
        using var scope = NewDisposeScope();
        var mixed = F.scaled_dot_product_attention(
            Heads(Apply(_query, x)), Heads(Apply(_key, x)), Heads(Apply(_value, x)), padding?.Visible, training ? _config.AttentionDropout : 0);
        mixed = mixed.transpose(1, 2).reshape(-1, _config.HiddenSize);
        var attended = Apply(_output, padding is { } p ? mixed.index_select(0, p.Places) : mixed);
        return Rest(x, attended, training).MoveToOuterDisposeScope();

        Tensor Heads(Tensor part) => Split((padding is { } p ? part.index_select(0, p.Rows) : part).view(texts, -1, _config.HiddenSize));
    }

    /// <summary>The next hidden states of texts end to end, (T, D), on the CPU.</summary>
    /// <param name="x">Hidden states, (T, D).</param>
    /// <param name="starts">Where each text starts, and T, (B + 1).</param>
    /// <param name="training">Whether dropout is on.</param>
    /// <param name="shorter">Whether products are of bfloat16.</param>
    /// <param name="recompute">Whether the backward pass computes the layer again.</param>
    public Tensor Fused(Tensor x, long[] starts, bool training, bool shorter, bool recompute) => FusedTransformer.Layer(
        x, starts, Tensors, _config.Heads, _config.LayerNormEpsilon, training ? _config.HiddenDropout : 0, training ? _config.AttentionDropout : 0, shorter, recompute);

    static Tensor Apply((Parameter Weight, Parameter Bias) map, Tensor x) => F.linear(x, map.Weight, map.Bias);

    Tensor Rest(Tensor x, Tensor attended, bool training)
    {
        x = Norm(_attentionNorm, x + Drop(attended, training));
        var fed = Apply(_down, Apply(_up, x).gelu());
        return Norm(_norm, x + Drop(fed, training));
    }

    Tensor Norm((Parameter Weight, Parameter Bias) norm, Tensor x) => F.layer_norm(x, [_config.HiddenSize], norm.Weight, norm.Bias, _config.LayerNormEpsilon);

    Tensor Drop(Tensor x, bool training) => training && _config.HiddenDropout > 0 ? F.dropout(x, _config.HiddenDropout) : x;

    // (B, L, D) -> (B, H, L, D / H)
    Tensor Split(Tensor x) => x.view(x.shape[0], x.shape[1], _config.Heads, -1).transpose(1, 2);
}
