using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Encoders.Transformers;

/// <summary>
/// One pre-norm layer of ModernBERT (arXiv:2412.13663): x = x + attention(norm(x)), with rotary positions (Su et al. 2021, arXiv:2104.09864); x = x + down(gelu(a) b), where a and b are the halves of
/// up(norm(x)) (Shazeer 2020, arXiv:2002.05202), with the erf form of GELU.
/// </summary>
sealed class ModernBertLayer
{
    // Queries of a text that attention takes at once, so that neither a window nor a long text needs a square of scores.
    const long WindowQueries = 128;
    const long WholeQueries = 512;

    readonly TransformerConfig _config;
    readonly ModernBertShape _shape;
    readonly (Parameter Weight, Parameter? Bias) _attend, _output, _norm, _up, _down;
    readonly (Parameter Weight, Parameter? Bias)? _attentionNorm;

    /// <param name="config">The encoder's configuration.</param>
    /// <param name="shape">ModernBERT's own.</param>
    /// <param name="index">The layer, counted from 0.</param>
    /// <param name="parameters">The encoder's parameters by name.</param>
    public ModernBertLayer(TransformerConfig config, ModernBertShape shape, int index, IReadOnlyDictionary<string, Parameter> parameters)
    {
        (_config, _shape, IsGlobal) = (config, shape, shape.IsGlobal(index));
        _attentionNorm = index == 0 ? null : Part("attn_norm");
        (_attend, _output, _norm, _up, _down) = (Part("attn.Wqkv"), Part("attn.Wo"), Part("mlp_norm"), Part("mlp.Wi"), Part("mlp.Wo"));
        var parts = new[] { _attentionNorm, _attend, _output, _norm, _up, _down };
        Tensors = [.. parts.OfType<(Parameter Weight, Parameter? Bias)>().SelectMany(p => p.Bias is null ? new Tensor[] { p.Weight } : [p.Weight, p.Bias])];

        (Parameter, Parameter?) Part(string name) =>
            (parameters[$"{ModernBertTensors.Layer(index)}{name}.weight"], parameters.GetValueOrDefault($"{ModernBertTensors.Layer(index)}{name}.bias"));
    }

    /// <summary>Whether it attends to whole texts.</summary>
    public bool IsGlobal { get; }

    /// <summary>The layer's parameters, in the order of its modules.</summary>
    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>The next hidden states, of the shape of these: (T, D) for texts end to end, or (B, L, D).</summary>
    /// <param name="x">Hidden states.</param>
    /// <param name="sight">Positions, and what may be looked at.</param>
    /// <param name="texts">Number of texts, B.</param>
    /// <param name="training">Whether dropout is on.</param>
    public Tensor Forward(Tensor x, ModernBertSight sight, long texts, bool training)
    {
        using var scope = NewDisposeScope();
        var mixed = Attend(_attentionNorm is { } norm ? Norm(norm, x) : x, sight, texts, training);
        x += Drop(Apply(_output, mixed), _config.AttentionDropout, training);
        var halves = Apply(_up, Norm(_norm, x)).chunk(2, -1);
        x += Apply(_down, Drop(halves[0].gelu() * halves[1], _shape.MlpDropout, training));
        return x.MoveToOuterDisposeScope();
    }

    /// <summary>The layer norm without its weights' names, for the whole encoder.</summary>
    public static Tensor Norm(TransformerConfig config, (Parameter Weight, Parameter? Bias) norm, Tensor x) =>
        F.layer_norm(x, [config.HiddenSize], norm.Weight, norm.Bias, config.LayerNormEpsilon);

    static Tensor Apply((Parameter Weight, Parameter? Bias) map, Tensor x) => F.linear(x, map.Weight, map.Bias);

    static Tensor Drop(Tensor x, double share, bool training) => training && share > 0 ? F.dropout(x, share) : x;

    Tensor Norm((Parameter Weight, Parameter? Bias) norm, Tensor x) => Norm(_config, norm, x);

    // (T, D) or (B, L, D) to the same
    Tensor Attend(Tensor x, ModernBertSight sight, long texts, bool training)
    {
        var (width, dropout) = ((long)_config.HiddenSize, training ? _config.AttentionDropout : 0);
        var parts = Apply(_attend, x).split([2 * width, width], -1);
        var (both, values) = (Turn(parts[0], sight), parts[1]);
        if (sight.Runs is { } runs)
        {
            var sizes = runs.Select(run => run.Texts * run.Length).ToArray();
            var (turned, plain) = (both.split(sizes, 0), values.split(sizes, 0));
            return cat([.. runs.Select((run, i) => Text(turned[i], plain[i], run.Texts, run.Length, sight, dropout))], 0);
        }

        if (sight.Padding is { } padding)
        {
            (both, values) = (both.index_select(0, padding.Rows), values.index_select(0, padding.Rows));
        }

        var (query, key, value) = Heads(both, values, texts, -1);
        var mixed = F.scaled_dot_product_attention(query, key, value, sight.Visible, dropout).transpose(1, 2).reshape(-1, width);
        return (sight.Padding is { } packed ? mixed.index_select(0, packed.Places) : mixed).view(x.shape);
    }

    // Texts of one length, (n L, 2 D) and (n L, D), to (n L, D)
    Tensor Text(Tensor both, Tensor values, long texts, long length, ModernBertSight sight, double dropout)
    {
        using var scope = NewDisposeScope();
        var (query, key, value) = Heads(both, values, texts, length);
        var reach = sight.Reach is { } far && far < length - 1 ? far : (long?)null;
        var block = reach is { } near ? Math.Max(WindowQueries, 2 * near) : WholeQueries;
        var mixed = new List<Tensor>();
        for (long from = 0; from < length; from += block)
        {
            var count = Math.Min(block, length - from);
            var first = reach is { } left ? Math.Max(0, from - left) : 0;
            var seen = (reach is { } right ? Math.Min(length, from + count + right) : length) - first;
            var visible = reach is { } within ? ModernBertSight.Band(from, count, first, seen, within, both.device) : null;
            mixed.Add(F.scaled_dot_product_attention(Part(query, from, count), Part(key, first, seen), Part(value, first, seen), visible, dropout));
        }

        var all = mixed.Count == 1 ? mixed[0] : cat(mixed, 2);
        return all.transpose(1, 2).reshape(texts * length, _config.HiddenSize).MoveToOuterDisposeScope();

        Tensor Part(Tensor whole, long from, long count) => count == length ? whole : whole.narrow(2, from, count);
    }

    // Queries and keys beside each other, (n L, 2 D) or (n, L, 2 D), and values, to (n, H, L, S) each
    (Tensor Query, Tensor Key, Tensor Value) Heads(Tensor both, Tensor values, long texts, long length)
    {
        long heads = _config.Heads, share = _config.HiddenSize / _config.Heads;
        var turned = both.view(texts, length, 2, heads, share).permute(2, 0, 3, 1, 4).unbind(0);
        return (turned[0], turned[1], values.reshape(texts, length, heads, share).transpose(1, 2));
    }

    // The first half of each head's share and the second are the pairs that are turned: (a, b) to (a cos - b sin, b cos + a sin)
    Tensor Turn(Tensor both, ModernBertSight sight)
    {
        var shape = both.shape;
        var halves = both.reshape([.. shape[..^1], 2, _config.Heads, _config.HiddenSize / _config.Heads]).chunk(2, -1);
        var (first, second) = (halves[0], halves[1]);
        return cat([(first * sight.Cos) - (second * sight.Sin), (second * sight.Cos) + (first * sight.Sin)], -1).view(shape);
    }
}
