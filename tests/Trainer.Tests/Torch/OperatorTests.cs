using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Trainer.Tests.Torch;

[Collection(TorchCollection.Name)]
public sealed class OperatorTests
{
    /// <summary>Every function the script computes too, on the same inputs: the bytes must be the same.</summary>
    [Fact]
    public void Operators_EqualPythonBitForBit()
    {
        using var python = new PythonTorch();
        using var scope = NewDisposeScope();
        set_num_threads(1);
        manual_seed(3);
        var (a, b, c, d) = (randn(6, 8), randn(6, 8), randn(8, 5), randn(3, 4, 6));
        var i = randperm(6).unsqueeze(1).add(tensor([0L, 7, 14])).remainder(6);
        python.Write<float>("a", a.data<float>().ToArray());
        python.Write<float>("b", b.data<float>().ToArray());
        python.Write<float>("c", c.data<float>().ToArray());
        python.Write<float>("d", d.data<float>().ToArray());
        python.Write<long>("i", i.data<long>().ToArray());
        var p = a.abs() + 0.5;
        var results = new Dictionary<string, Tensor>
        {
            ["add"] = a + b,
            ["add_alpha"] = a.add(b, 0.3),
            ["sub"] = a - b,
            ["mul"] = a * b,
            ["div"] = a / b,
            ["rsub"] = 1 - a,
            ["rdiv"] = 2 / p,
            ["plus1"] = a + 1.5,
            ["times"] = a * 3,
            ["div_floor"] = a.div(b, RoundingMode.floor),
            ["remainder"] = a % 0.7,
            ["neg"] = -a,
            ["abs"] = a.abs(),
            ["exp"] = a.exp(),
            ["log"] = p.log(),
            ["log1p"] = p.log1p(),
            ["expm1"] = a.expm1(),
            ["sqrt"] = p.sqrt(),
            ["rsqrt"] = p.rsqrt(),
            ["reciprocal"] = p.reciprocal(),
            ["tanh"] = a.tanh(),
            ["sigmoid"] = a.sigmoid(),
            ["relu"] = a.relu(),
            ["gelu"] = a.gelu(),
            ["gelu_tanh"] = a.gelu(TorchSharp.Modules.GELU.Approximate.tanh),
            ["silu"] = a.silu(),
            ["erf"] = a.erf(),
            ["sin"] = a.sin(),
            ["cos"] = a.cos(),
            ["sign"] = a.sign(),
            ["floor"] = a.floor(),
            ["round"] = a.round(),
            ["pow"] = p.pow(1.7),
            ["pow_t"] = p.pow(b),
            ["square"] = a.square(),
            ["clamp"] = a.clamp(-0.5, 0.5),
            ["clamp_min"] = a.clamp(min: 0.1),
            ["maximum"] = a.maximum(b),
            ["lerp"] = a.lerp(b, 0.25),
            ["addcmul"] = a.addcmul(b, b, 0.1),
            ["addcdiv"] = a.addcdiv(b, p, 0.1),
            ["softmax"] = a.softmax(-1),
            ["log_softmax"] = a.log_softmax(0),
            ["logsumexp"] = a.logsumexp(1),
            ["cumsum"] = a.cumsum(1),
            ["sum"] = a.sum(),
            ["sum1"] = a.sum(1, keepdim: true),
            ["mean"] = a.mean(),
            ["mean0"] = a.mean([0]),
            ["std"] = a.std(),
            ["var1"] = a.var(1),
            ["prod"] = p.prod(),
            ["max"] = a.max(),
            ["max1"] = a.max(1).values,
            ["max1i"] = a.max(1).indexes,
            ["min0"] = a.min(0).values,
            ["amax"] = a.amax([0, 1]),
            ["argmax"] = a.argmax(1),
            ["argmin"] = a.argmin(),
            ["norm"] = a.norm(),
            ["norm1"] = a.norm(1),
            ["norm_l1"] = a.norm(1f),
            ["topk"] = a.topk(3).values,
            ["topki"] = a.topk(3).indexes,
            ["sort"] = a.sort(1, descending: true).Values,
            ["argsort"] = a.argsort(1),
            ["matmul"] = a.matmul(c),
            ["mm"] = a.mm(c),
            ["bmm"] = d.bmm(d.transpose(1, 2)),
            ["mv"] = a.mv(b[0]),
            ["dot"] = a[0].dot(b[0]),
            ["addmm"] = addmm(ones(5), a, c, 0.5f, 2),
            ["einsum"] = einsum("bij,bkj->bik", d, d),
            ["gather"] = a.gather(1, i),
            ["scatter"] = zeros_like(a).scatter(1, i, b),
            ["scatter_add"] = zeros_like(a).scatter_add(1, i, b),
            ["index_select"] = a.index_select(1, i[0]),
            ["index_add"] = a.index_add(1, i[0], b.narrow(1, 0, 3), 0.5),
            ["masked_fill"] = a.masked_fill(b > 0, 9.0),
            ["masked_select"] = a.masked_select(b > 0),
            ["where"] = where(a > b, a, b),
            ["nonzero"] = (a > 0.5).nonzero(),
            ["cat"] = cat([a, b], 1),
            ["stack"] = stack([a, b], 1),
            ["chunk"] = a.chunk(3, 1)[1],
            ["split"] = a.split([2L, 6], 1)[1],
            ["unbind"] = a.unbind(0)[4],
            ["view"] = a.view(3, 16),
            ["reshape"] = a.t().reshape(-1),
            ["permute"] = d.permute(2, 0, 1),
            ["expand"] = a[0].expand(4, 8),
            ["repeat"] = a.repeat(2, 1),
            ["repeat_interleave"] = a.repeat_interleave(2, 0),
            ["flip"] = a.flip(0),
            ["narrow"] = a.narrow(1, 2, 3),
            ["slice"] = a.slice(0, 1, 5, 2),
            ["diagonal"] = d.diagonal(0, 1, 2),
            ["diag"] = a[0].diag(),
            ["triu"] = a.triu(1),
            ["tril"] = a.tril(),
            ["eq"] = a.eq(a),
            ["lt"] = a.lt(b),
            ["ge"] = a.ge(0.25),
            ["isnan"] = isnan(a),
            ["any"] = (a > 1).any(),
            ["all1"] = (a > -9).all(1),
            ["logical_not"] = (a > 0).logical_not(),
            ["and"] = (a > 0) & (b > 0),
            ["bf16"] = a.to(bfloat16),
            ["f64"] = a.@double(),
            ["i64"] = (a * 10).@long(),
            ["arange"] = arange(2, 20, 3),
            ["eye"] = eye(3, 4),
            ["linspace"] = linspace(0, 1, 7),
            ["full"] = full(2, 3, 0.7),
            ["index_rows"] = a[TensorIndex.Tensor(i.select(1, 0))],
            ["index_mix"] = a[1..5, i[0]],
            ["index_last"] = a[^1],
            ["index_new"] = a[TensorIndex.Colon, TensorIndex.None, 2],
            ["linear"] = F.linear(a, c.t().contiguous(), ones(5)),
            ["layer_norm"] = F.layer_norm(a, [8], b[0], b[1]),
            ["embedding"] = F.embedding(i, a),
            ["embedding_bag"] = F.embedding_bag(i, a),
            ["embedding_bag_sum"] = F.embedding_bag(i.reshape(-1), a, tensor([0L, 2, 7]), EmbeddingBagMode.Sum),
            ["normalize"] = F.normalize(a, dim: 1),
            ["cross_entropy"] = F.cross_entropy(a, i.select(1, 0)),
            ["cross_entropy_smooth"] = F.cross_entropy(a, i.select(1, 0), label_smoothing: 0.1, reduction: nn.Reduction.None),
            ["kl_div"] = F.kl_div(a.log_softmax(1), b.log_softmax(1), log_target: true, reduction: nn.Reduction.Sum),
            ["mse"] = F.mse_loss(a, b),
            ["l1"] = F.l1_loss(a, b),
            ["bce"] = F.binary_cross_entropy_with_logits(a, b.sigmoid()),
            ["one_hot"] = F.one_hot(i, 6),
            ["cosine"] = F.cosine_similarity(a, b),
            ["pad"] = F.pad(a, [1, 2]),
        };

        var computed = int.Parse(python.Run("operators.py"));

        Assert.Equal(results.Count, computed);
        Assert.All(results, r => Assert.Equal(python.Read<byte>("out_" + r.Key), Bytes(r.Value)));
    }

    static byte[] Bytes(Tensor t) => t.contiguous().bytes.ToArray();
}
