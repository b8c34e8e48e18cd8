# usage: bert_step.py DIR: one training step's forward and backward of the model in DIR, written after Hugging Face's modeling_bert and modeling_xlm_roberta.
# Reads DIR/config.json, DIR/model.safetensors (own reader), DIR/step.json, ids, mask, types, target; writes hidden, loss, gradients (in the file's module order)
import json, math, struct, sys, numpy as np, torch
from torch import nn
d = sys.argv[1]
c, step = json.load(open(d + "/config.json")), json.load(open(d + "/step.json"))
torch.set_num_threads(step["threads"])
D, H = c["hidden_size"], c["num_attention_heads"]
pad, eps, xlm = c["pad_token_id"], c["layer_norm_eps"], c["model_type"] == "xlm-roberta"

class Output(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.dense, self.LayerNorm, self.dropout = nn.Linear(width, D), nn.LayerNorm(D, eps), nn.Dropout(c["hidden_dropout_prob"])
    def forward(self, x, residual): return self.LayerNorm(self.dropout(self.dense(x)) + residual)

class SelfAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.dropout = nn.Linear(D, D), nn.Linear(D, D), nn.Linear(D, D), nn.Dropout(c["attention_probs_dropout_prob"])
    def split(self, x): return x.view(*x.shape[:2], H, D // H).permute(0, 2, 1, 3)
    def forward(self, x, mask):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        probs = self.dropout(nn.functional.softmax(torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(D // H) + mask, dim=-1))
        return torch.matmul(probs, v).permute(0, 2, 1, 3).contiguous().view(x.shape)

class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.self, self.output = SelfAttention(), Output(D)
    def forward(self, x, mask): return self.output(self.self(x, mask), x)

class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.intermediate, self.output = Attention(), nn.Module(), Output(c["intermediate_size"])
        self.intermediate.dense = nn.Linear(D, c["intermediate_size"])
    def forward(self, x, mask):
        x = self.attention(x, mask)
        return self.output(nn.functional.gelu(self.intermediate.dense(x)), x)

class Model(nn.Module):
    def __init__(self):
        super().__init__()
        e = self.embeddings = nn.Module()
        e.word_embeddings = nn.Embedding(c["vocab_size"], D, padding_idx=pad)
        e.position_embeddings = nn.Embedding(c["max_position_embeddings"], D, padding_idx=pad if xlm else None)
        e.token_type_embeddings = nn.Embedding(c["type_vocab_size"], D)
        e.LayerNorm, e.dropout = nn.LayerNorm(D, eps), nn.Dropout(c["hidden_dropout_prob"])
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList([Layer() for _ in range(c["num_hidden_layers"])])
    def forward(self, ids, mask, types):
        real = ids.ne(pad).int()
        positions = (torch.cumsum(real, 1) * real).long() + pad if xlm else torch.arange(ids.shape[1])[None]
        e = self.embeddings
        x = e.word_embeddings(ids) + e.token_type_embeddings(types) + e.position_embeddings(positions)
        x = e.dropout(e.LayerNorm(x))
        mask = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        for layer in self.encoder.layer: x = layer(x, mask)
        return x

with open(d + "/model.safetensors", "rb") as f:
    header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    data = f.read()
header.pop("__metadata__", None)
model = Model()
state = {k: torch.from_numpy(np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).copy()) for k, v in header.items() if not k.startswith("pooler.")}
model.load_state_dict(state)
load = lambda name, kind: torch.from_numpy(np.fromfile(d + "/" + name, kind))
B, L = step["batch"], step["width"]
ids, mask, types = (load(n, "<i8").view(B, L) for n in ("ids", "mask", "types"))
model.train(step["training"])
torch.manual_seed(step["seed"])
hidden = model(ids, mask, types)
real = mask.unsqueeze(-1).float()
pooled = (hidden * real).sum(1) / real.sum(1)
loss = (pooled * load("target", "<f4").view(B, D)).sum()
loss.backward()
(hidden * real).detach().numpy().tofile(d + "/hidden")
np.array([loss.item()]).tofile(d + "/loss")
np.concatenate([p.grad.numpy().ravel() for p in model.parameters()]).astype("<f4").tofile(d + "/gradients")
open(d + "/names", "w").write("\n".join(n for n, _ in model.named_parameters()))
