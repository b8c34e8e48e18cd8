# usage: modernbert_step.py DIR: one step's forward and backward of the ModernBERT in DIR, written after the formulas of Hugging Face's modeling_modernbert (eager attention over padded texts).
# Reads DIR/config.json, DIR/model.safetensors (own reader), DIR/step.json, ids, mask, target; writes states (embeddings and every layer), hidden, loss, gradients and names in module order
import json, struct, sys, numpy as np, torch
from torch import nn
d = sys.argv[1]
c, step = json.load(open(d + "/config.json")), json.load(open(d + "/step.json"))
torch.set_num_threads(1)
D, H, I = c["hidden_size"], c["num_attention_heads"], c["intermediate_size"]
S = D // H

class Norm(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(D))
        self.register_parameter("bias", nn.Parameter(torch.zeros(D)) if c["norm_bias"] else None)
    def forward(self, x): return nn.functional.layer_norm(x, (D,), self.weight, self.bias, c["norm_eps"])

def rotated(x, theta):
    length = x.shape[-2]
    frequencies = 1.0 / (theta ** (torch.arange(0, S, 2, dtype=torch.int64).float() / S))
    angles = torch.arange(length).float()[:, None] @ frequencies[None, :]
    angles = torch.cat((angles, angles), -1)
    swapped = torch.cat((-x[..., S // 2:], x[..., :S // 2]), -1)
    return x * angles.cos() + swapped * angles.sin()

class Attention(nn.Module):
    def __init__(self, index):
        super().__init__()
        self.sees_all = index % c["global_attn_every_n_layers"] == 0
        self.Wqkv, self.Wo = nn.Linear(D, 3 * D, c["attention_bias"]), nn.Linear(D, D, c["attention_bias"])
        self.out_drop = nn.Dropout(c["attention_dropout"])
    def forward(self, x, mask):
        B, L, _ = x.shape
        q, k, v = self.Wqkv(x).view(B, L, 3, H, S).permute(2, 0, 3, 1, 4)
        theta = c["global_rope_theta"] if self.sees_all else c["local_rope_theta"]
        scores = rotated(q, theta) @ rotated(k, theta).transpose(2, 3) * S ** -0.5
        lowest = torch.finfo(torch.float32).min
        hidden = mask[:, None, None, :].eq(0).expand(B, 1, L, L)
        if not self.sees_all:
            rows = torch.arange(L)[None]
            hidden = hidden | (torch.abs(rows - rows.T) > c["local_attention"] // 2)[None, None]
        shares = nn.functional.softmax(scores + torch.zeros_like(scores).masked_fill(hidden, lowest), -1)
        shares = nn.functional.dropout(shares, c["attention_dropout"], self.training)
        return self.out_drop(self.Wo((shares @ v).transpose(1, 2).reshape(B, L, D)))

class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.Wi, self.drop, self.Wo = nn.Linear(D, 2 * I, c["mlp_bias"]), nn.Dropout(c["mlp_dropout"]), nn.Linear(I, D, c["mlp_bias"])
    def forward(self, x):
        value, gate = self.Wi(x).chunk(2, -1)
        return self.Wo(self.drop(nn.functional.gelu(value) * gate))

class Layer(nn.Module):
    def __init__(self, index):
        super().__init__()
        self.attn_norm = nn.Identity() if index == 0 else Norm()
        self.attn, self.mlp_norm, self.mlp = Attention(index), Norm(), Mlp()
    def forward(self, x, mask):
        x = x + self.attn(self.attn_norm(x), mask)
        return x + self.mlp(self.mlp_norm(x))

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        e = self.embeddings = nn.Module()
        e.tok_embeddings, e.norm, e.drop = nn.Embedding(c["vocab_size"], D, padding_idx=c["pad_token_id"]), Norm(), nn.Dropout(c["embedding_dropout"])
        self.layers = nn.ModuleList([Layer(i) for i in range(c["num_hidden_layers"])])
        self.final_norm = Norm()
    def forward(self, ids, mask):
        e = self.embeddings
        states = [e.drop(e.norm(e.tok_embeddings(ids)))]
        for layer in self.layers: states.append(layer(states[-1], mask))
        return states, self.final_norm(states[-1])

with open(d + "/model.safetensors", "rb") as f:
    header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    data = f.read()
header.pop("__metadata__", None)
model = Model()
model.load_state_dict({k: torch.from_numpy(np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).copy()) for k, v in header.items()})
load = lambda name, kind: torch.from_numpy(np.fromfile(d + "/" + name, kind))
B, L = step["batch"], step["width"]
ids, mask = load("ids", "<i8").view(B, L), load("mask", "<i8").view(B, L)
model.train(step["training"])
torch.manual_seed(step["seed"])
states, hidden = model(ids, mask)
real = mask.unsqueeze(-1).float()
pooled = (hidden * real).sum(1) / real.sum(1)
loss = (pooled * load("target", "<f4").view(B, D)).sum()
loss.backward()
torch.stack([s * real for s in states]).detach().numpy().tofile(d + "/states")
(hidden * real).detach().numpy().tofile(d + "/hidden")
pooled.detach().numpy().tofile(d + "/embeddings")
np.array([loss.item()]).tofile(d + "/loss")
np.concatenate([p.grad.numpy().ravel() for p in model.parameters()]).astype("<f4").tofile(d + "/gradients")
open(d + "/names", "w").write("\n".join(n for n, _ in model.named_parameters()))
