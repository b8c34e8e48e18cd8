# usage: transformer.py DIR THREADS STEPS [bf16]: trains the encoder of Transformer.cs on DIR/ids, DIR/mask; writes initial, losses, gradients, weights
import sys, math, contextlib, torch, numpy as np
from torch import nn
import torch.nn.functional as F
d, threads, steps = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
bf16 = len(sys.argv) > 4 and sys.argv[4] == "bf16"
torch.set_num_threads(threads)
VOCAB, HIDDEN, HEADS, FFN, LAYERS, SEQ, P = 500, 64, 4, 128, 2, 16, 0.1

class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))
        self.attentionNorm = nn.LayerNorm(HIDDEN)
        self.up, self.down = nn.Linear(HIDDEN, FFN), nn.Linear(FFN, HIDDEN)
        self.outputNorm = nn.LayerNorm(HIDDEN)
        self.dropout = nn.Dropout(P)
    def heads(self, x): return x.view(x.shape[0], x.shape[1], HEADS, -1).transpose(1, 2)
    def forward(self, x, hidden):
        q, k, v = self.heads(self.q(x)), self.heads(self.k(x)), self.heads(self.v(x))
        scores = (q @ k.transpose(-2, -1)) / math.sqrt(HIDDEN // HEADS)
        weights = self.dropout(scores.masked_fill(hidden, -math.inf).softmax(-1))
        mixed = (weights @ v).transpose(1, 2).reshape(x.shape)
        x = self.attentionNorm(x + self.dropout(self.o(mixed)))
        return self.outputNorm(x + self.dropout(self.down(F.gelu(self.up(x)))))

class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(VOCAB, HIDDEN), nn.Embedding(SEQ, HIDDEN)
        self.norm, self.dropout = nn.LayerNorm(HIDDEN), nn.Dropout(P)
        self.layers = nn.ModuleList([Layer() for _ in range(LAYERS)])
    def forward(self, ids, mask):
        x = self.dropout(self.norm(self.tokens(ids) + self.positions(torch.arange(ids.shape[1]))))
        hidden = mask.eq(0).unsqueeze(1).unsqueeze(1)
        for layer in self.layers: x = layer(x, hidden)
        m = mask.unsqueeze(-1)
        return F.normalize((x * m).sum(1) / m.sum(1).clamp(min=1), dim=1)

def flat(ts): return torch.cat([t.detach().reshape(-1) for t in ts]).numpy()
ids = torch.from_numpy(np.fromfile(f"{d}/ids", "i8").reshape(-1, SEQ))
mask = torch.from_numpy(np.fromfile(f"{d}/mask", "f4").reshape(-1, SEQ))
torch.manual_seed(7)
model = Encoder()
flat(model.parameters()).tofile(f"{d}/initial")
open(f"{d}/names", "w").write("\n".join(n for n, _ in model.named_parameters()))
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01, foreach=True)
torch.manual_seed(11)
losses = []
n = ids.shape[0] // 2
for step in range(steps):
    with (torch.autocast("cpu", torch.bfloat16) if bf16 else contextlib.nullcontext()):
        out = model(ids, mask)
        loss = F.cross_entropy(out[:n] @ out[n:].t() * 20.0, torch.arange(n))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if step == 0: flat(p.grad for p in model.parameters()).tofile(f"{d}/gradients")
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    losses += [loss.item(), norm.item()]
np.array(losses, "f8").tofile(f"{d}/losses")
flat(model.parameters()).tofile(f"{d}/weights")
torch.get_rng_state().numpy().tofile(f"{d}/rng")
