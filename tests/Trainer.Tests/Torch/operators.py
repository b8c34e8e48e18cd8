# usage: operators.py DIR: reads a, b (6, 8), c (8, 5), d (3, 4, 6) Float32 and i (6, 3) Int64, writes every result under its name
import sys, torch, torch.nn.functional as F
import numpy as np
d = sys.argv[1]
torch.set_num_threads(1)
def read(name, dtype, *shape): return torch.from_numpy(np.fromfile(f"{d}/{name}", dtype).reshape(shape))
def write(name, t):
    t = t.contiguous()
    if t.dtype == torch.bool: t = t.to(torch.uint8)
    if t.dtype == torch.bfloat16: t = t.view(torch.int16)
    t.numpy().tofile(f"{d}/{name}")
a, b, c, e, i = read("a", "f4", 6, 8), read("b", "f4", 6, 8), read("c", "f4", 8, 5), read("d", "f4", 3, 4, 6), read("i", "i8", 6, 3)
p = a.abs() + 0.5
out = {
 "add": a + b, "add_alpha": torch.add(a, b, alpha=0.3), "sub": a - b, "mul": a * b, "div": a / b, "rsub": 1 - a, "rdiv": 2 / p, "plus1": a + 1.5, "times": a * 3,
 "div_floor": torch.div(a, b, rounding_mode="floor"), "remainder": torch.remainder(a, 0.7), "neg": -a, "abs": a.abs(), "exp": a.exp(), "log": p.log(), "log1p": p.log1p(), "expm1": a.expm1(),
 "sqrt": p.sqrt(), "rsqrt": p.rsqrt(), "reciprocal": p.reciprocal(), "tanh": a.tanh(), "sigmoid": a.sigmoid(), "relu": a.relu(), "gelu": F.gelu(a), "gelu_tanh": F.gelu(a, approximate="tanh"),
 "silu": F.silu(a), "erf": a.erf(), "sin": a.sin(), "cos": a.cos(), "sign": a.sign(), "floor": a.floor(), "round": a.round(), "pow": p.pow(1.7), "pow_t": p.pow(b), "square": a.square(),
 "clamp": a.clamp(-0.5, 0.5), "clamp_min": a.clamp(min=0.1), "maximum": torch.maximum(a, b), "lerp": torch.lerp(a, b, 0.25), "addcmul": torch.addcmul(a, b, b, value=0.1), "addcdiv": torch.addcdiv(a, b, p, value=0.1),
 "softmax": a.softmax(-1), "log_softmax": a.log_softmax(0), "logsumexp": a.logsumexp(1), "cumsum": a.cumsum(1),
 "sum": a.sum(), "sum1": a.sum(1, keepdim=True), "mean": a.mean(), "mean0": a.mean(0), "std": a.std(), "var1": a.var(1), "prod": p.prod(), "max": a.max(), "max1": a.max(1)[0], "max1i": a.max(1)[1],
 "min0": a.min(0)[0], "amax": a.amax((0, 1)), "argmax": a.argmax(1), "argmin": a.argmin(), "norm": a.norm(), "norm1": a.norm(p=2, dim=1), "norm_l1": a.norm(p=1),
 "topk": a.topk(3)[0], "topki": a.topk(3)[1], "sort": a.sort(1, descending=True)[0], "argsort": a.argsort(1),
 "matmul": a @ c, "mm": a.mm(c), "bmm": e.bmm(e.transpose(1, 2)), "mv": a.mv(b[0]), "dot": a[0].dot(b[0]), "addmm": torch.addmm(torch.ones(5), a, c, beta=0.5, alpha=2), "einsum": torch.einsum("bij,bkj->bik", e, e),
 "gather": a.gather(1, i), "scatter": torch.zeros_like(a).scatter(1, i, b), "scatter_add": torch.zeros_like(a).scatter_add(1, i, b), "index_select": a.index_select(1, i[0]), "index_add": a.index_add(1, i[0], b[:, :3], alpha=0.5),
 "masked_fill": a.masked_fill(b > 0, 9.0), "masked_select": a.masked_select(b > 0), "where": torch.where(a > b, a, b), "nonzero": (a > 0.5).nonzero(),
 "cat": torch.cat([a, b], 1), "stack": torch.stack([a, b], 1), "chunk": a.chunk(3, 1)[1], "split": a.split([2, 6], 1)[1], "unbind": a.unbind(0)[4],
 "view": a.view(3, 16), "reshape": a.t().reshape(-1), "permute": e.permute(2, 0, 1), "expand": a[0].expand(4, 8), "repeat": a.repeat(2, 1), "repeat_interleave": a.repeat_interleave(2, 0), "flip": a.flip(0),
 "narrow": a.narrow(1, 2, 3), "slice": a[1:5:2], "diagonal": e.diagonal(0, 1, 2), "diag": a[0].diag(), "triu": a.triu(1), "tril": a.tril(),
 "eq": a.eq(a), "lt": a.lt(b), "ge": a.ge(0.25), "isnan": torch.isnan(a), "any": (a > 1).any(), "all1": (a > -9).all(1), "logical_not": (a > 0).logical_not(), "and": (a > 0) & (b > 0),
 "bf16": a.to(torch.bfloat16), "f64": a.double(), "i64": (a * 10).long(), "arange": torch.arange(2, 20, 3), "eye": torch.eye(3, 4), "linspace": torch.linspace(0, 1, 7), "full": torch.full((2, 3), 0.7),
 "index_rows": a[i[:, 0]], "index_mix": a[1:5, i[0]], "index_last": a[-1], "index_new": a[:, None, 2],
 "linear": F.linear(a, c.t().contiguous(), torch.ones(5)), "layer_norm": F.layer_norm(a, (8,), b[0], b[1]), "embedding": F.embedding(i, a), "embedding_bag": F.embedding_bag(i, a, mode="mean"),
 "embedding_bag_sum": F.embedding_bag(i.reshape(-1), a, torch.tensor([0, 2, 7]), mode="sum"), "normalize": F.normalize(a, dim=1), "cross_entropy": F.cross_entropy(a, i[:, 0]), "cross_entropy_smooth": F.cross_entropy(a, i[:, 0], label_smoothing=0.1, reduction="none"),
 "kl_div": F.kl_div(a.log_softmax(1), b.log_softmax(1), log_target=True, reduction="sum"), "mse": F.mse_loss(a, b), "l1": F.l1_loss(a, b), "bce": F.binary_cross_entropy_with_logits(a, b.sigmoid()), "one_hot": F.one_hot(i, 6), "cosine": F.cosine_similarity(a, b), "pad": F.pad(a, (1, 2)),
}
for name, t in out.items(): write("out_" + name, t)
print(len(out))
