# Training steps of the static encoder as PyTorch users would write them: same operators in the same order, so that the bits can be compared.
import sys, json, numpy as np, torch
import torch.nn.functional as F
folder = sys.argv[1]
cfg = json.load(open(f"{folder}/config.json"))
torch.set_num_threads(cfg["threads"])
read = lambda name, kind: torch.from_numpy(np.fromfile(f"{folder}/{name}", dtype=kind))
V, D, B = cfg["vocabulary"], cfg["dimensions"], cfg["batch"]
torch.manual_seed(cfg["seed"])
table = torch.nn.Parameter(torch.randn(V, D) * (1 / D ** 0.5))
token = torch.nn.Parameter(torch.zeros(V))
side = cfg["query_side"]
query_table = torch.nn.Parameter(table.detach().clone()) if side == "Table" else None
query = torch.nn.Parameter(torch.zeros(V)) if side != "Shared" else None
params = [p for p in (table, token, query_table, query) if p is not None]
optimizer = torch.optim.AdamW(params, lr=1e-3, betas=(0.9, cfg["beta2"]), weight_decay=cfg["weight_decay"], foreach=True)

def embed(ids, offsets, is_query):
    own = is_query and query_table is not None
    weights = (query if own else token).index_select(0, ids)
    if is_query and side == "Weights":
        weights = weights + query.index_select(0, ids)
    return F.embedding_bag(ids, query_table if own else table, offsets, mode="sum", per_sample_weights=weights.exp())

def infonce(q, p, excluded):
    scores = torch.matmul(F.normalize(q), F.normalize(p).t()) / cfg["temperature"]
    scores = scores.masked_fill(excluded, float("-inf"))
    own = torch.arange(q.shape[0])
    loss = F.cross_entropy(scores, own)
    if cfg["symmetric"]:
        loss = (loss + F.cross_entropy(scores.narrow(1, 0, q.shape[0]).t(), own)) / 2
    return loss

flat = lambda tensors: torch.cat([t.detach().reshape(-1) for t in tensors]).numpy()
losses = []
for step, rate in enumerate(cfg["rates"]):
    optimizer.zero_grad(set_to_none=True)
    for group in optimizer.param_groups:
        group["lr"] = rate
    q = embed(read(f"q_ids_{step}", np.int64), read(f"q_offsets_{step}", np.int64), True)
    p = embed(read(f"p_ids_{step}", np.int64), read(f"p_offsets_{step}", np.int64), False)
    excluded = read(f"excluded_{step}", np.uint8).bool().reshape(B, -1)
    if cfg["matryoshka"]:
        loss = None
        for d in cfg["matryoshka"]:
            part = infonce(q.narrow(1, 0, d), p.narrow(1, 0, d), excluded) * 1
            loss = part if loss is None else loss + part
    else:
        loss = infonce(q, p, excluded)
    loss.backward()
    if cfg["clip"] is not None:
        torch.nn.utils.clip_grad_norm_(params, cfg["clip"])
    if step == 0:
        flat([t.grad for t in params]).tofile(f"{folder}/gradients")
    optimizer.step()
    losses.append(loss.item())
np.array(losses, dtype=np.float64).tofile(f"{folder}/losses")
flat(params).tofile(f"{folder}/weights")
