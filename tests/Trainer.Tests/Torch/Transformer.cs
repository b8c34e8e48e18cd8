using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Tests.Torch;

/// <summary>The small BERT-like encoder that transformer.py builds too: (B, L) ids and mask -> (B, 64) of unit length.</summary>
sealed class Transformer : nn.Module<Tensor, Tensor, Tensor>
{
    public const int Vocabulary = 500, Hidden = 64, Heads = 4, Inner = 128, Layers = 2, Length = 16;
    public const double DropoutRate = 0.1;

    readonly Embedding tokens = nn.Embedding(Vocabulary, Hidden), positions = nn.Embedding(Length, Hidden);
    readonly LayerNorm norm = nn.LayerNorm(Hidden);
    readonly Dropout dropout = nn.Dropout(DropoutRate);
    readonly ModuleList<TransformerLayer> layers = nn.ModuleList(Enumerable.Range(0, Layers).Select(_ => new TransformerLayer()).ToArray());

    public Transformer()
        : base(nameof(Transformer)) => RegisterComponents();

    public override Tensor forward(Tensor ids, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var x = dropout.call(norm.call(tokens.call(ids) + positions.call(arange(ids.shape[1]))));
        var hidden = mask.eq(0).unsqueeze(1).unsqueeze(1);
        foreach (var layer in layers)
        {
            x = layer.call(x, hidden);
        }
        var m = mask.unsqueeze(-1);
        return F.normalize((x * m).sum(1) / m.sum(1).clamp(min: 1), dim: 1).MoveToOuterDisposeScope();
    }
}

/// <summary>Self-attention and a GELU feed-forward, each with dropout, a residual and a LayerNorm behind it.</summary>
sealed class TransformerLayer : nn.Module<Tensor, Tensor, Tensor>
{
    readonly Linear q = Square(), k = Square(), v = Square(), o = Square();
    readonly LayerNorm attentionNorm = nn.LayerNorm(Transformer.Hidden);
    readonly Linear up = nn.Linear(Transformer.Hidden, Transformer.Inner), down = nn.Linear(Transformer.Inner, Transformer.Hidden);
    readonly LayerNorm outputNorm = nn.LayerNorm(Transformer.Hidden);
    readonly Dropout dropout = nn.Dropout(Transformer.DropoutRate);

    public TransformerLayer()
        : base(nameof(TransformerLayer)) => RegisterComponents();

    public override Tensor forward(Tensor x, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        var (query, key, value) = (Split(q.call(x)), Split(k.call(x)), Split(v.call(x)));
        var scores = query.matmul(key.transpose(-2, -1)) / Math.Sqrt(Transformer.Hidden / Transformer.Heads);
        var weights = dropout.call(scores.masked_fill(hidden, double.NegativeInfinity).softmax(-1));
        var mixed = weights.matmul(value).transpose(1, 2).reshape(x.shape);
        x = attentionNorm.call(x + dropout.call(o.call(mixed)));
        return outputNorm.call(x + dropout.call(down.call(up.call(x).gelu()))).MoveToOuterDisposeScope();
    }

    static Linear Square() => nn.Linear(Transformer.Hidden, Transformer.Hidden);

    static Tensor Split(Tensor x) => x.view(x.shape[0], x.shape[1], Transformer.Heads, -1).transpose(1, 2);
}
