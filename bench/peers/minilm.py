# usage: minilm.py THREADS: a BERT encoder in plain PyTorch, after Hugging Face's modeling_bert, that trains and encodes on request.
# One JSON object per line on stdin, one answer per line on stdout; every answer says how long the work took by the clock and by the processor.
import json, math, struct, sys, time, numpy as np, torch
from torch import nn

torch.set_num_threads(int(sys.argv[1]))

class Output(nn.Module):
    def __init__(self, c, width):
        super().__init__()
        self.dense, self.LayerNorm, self.dropout = nn.Linear(width, c["hidden_size"]), nn.LayerNorm(c["hidden_size"], c["layer_norm_eps"]), nn.Dropout(c["hidden_dropout_prob"])
    def forward(self, x, residual): return self.LayerNorm(self.dropout(self.dense(x)) + residual)

class SelfAttention(nn.Module):
    def __init__(self, c):
        super().__init__()
        D, self.H = c["hidden_size"], c["num_attention_heads"]
        self.query, self.key, self.value, self.dropout = nn.Linear(D, D), nn.Linear(D, D), nn.Linear(D, D), nn.Dropout(c["attention_probs_dropout_prob"])
    def split(self, x): return x.view(*x.shape[:2], self.H, -1).permute(0, 2, 1, 3)
    def forward(self, x, mask):
        q, k, v = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(q, k.transpose(-1, -2)) / math.sqrt(q.shape[-1]) + mask
        probs = self.dropout(nn.functional.softmax(scores, dim=-1))
        return torch.matmul(probs, v).permute(0, 2, 1, 3).contiguous().view(x.shape)

class Attention(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.self, self.output = SelfAttention(c), Output(c, c["hidden_size"])
    def forward(self, x, mask): return self.output(self.self(x, mask), x)

class Layer(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.attention, self.intermediate, self.output = Attention(c), nn.Module(), Output(c, c["intermediate_size"])
        self.intermediate.dense = nn.Linear(c["hidden_size"], c["intermediate_size"])
    def forward(self, x, mask):
        x = self.attention(x, mask)
        return self.output(nn.functional.gelu(self.intermediate.dense(x)), x)

class Bert(nn.Module):
    def __init__(self, c):
        super().__init__()
        e = self.embeddings = nn.Module()
        e.word_embeddings = nn.Embedding(c["vocab_size"], c["hidden_size"], padding_idx=c["pad_token_id"])
        e.position_embeddings = nn.Embedding(c["max_position_embeddings"], c["hidden_size"])
        e.token_type_embeddings = nn.Embedding(c["type_vocab_size"], c["hidden_size"])
        e.LayerNorm, e.dropout = nn.LayerNorm(c["hidden_size"], c["layer_norm_eps"]), nn.Dropout(c["hidden_dropout_prob"])
        self.encoder = nn.Module()
        self.encoder.layer = nn.ModuleList([Layer(c) for _ in range(c["num_hidden_layers"])])
    def states(self, ids, mask):
        e = self.embeddings
        x = e.word_embeddings(ids) + e.token_type_embeddings(torch.zeros_like(ids)) + e.position_embeddings(torch.arange(ids.shape[1])[None])
        x = e.dropout(e.LayerNorm(x))
        mask = (1.0 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        yield x
        for layer in self.encoder.layer:
            x = layer(x, mask)
            yield x
    def forward(self, ids, mask):
        for x in self.states(ids, mask): pass
        return x

def load(folder, dropout):
    c = json.load(open(folder + "/config.json"))
    c["hidden_dropout_prob"] = c["attention_probs_dropout_prob"] = dropout
    with open(folder + "/model.safetensors", "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    header.pop("__metadata__", None)
    model = Bert(c)
    model.load_state_dict({k: torch.from_numpy(np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).copy()) for k, v in header.items() if not k.startswith("pooler.")})
    return model

def padded(texts):
    ids = torch.zeros(len(texts), max(map(len, texts)), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, text in enumerate(texts):
        ids[row, :len(text)], mask[row, :len(text)] = torch.tensor(text), 1
    return ids, mask

def embed(texts):
    ids, mask = padded(texts)
    hidden, real = model(ids, mask).float(), mask.unsqueeze(-1).float()
    return nn.functional.normalize((hidden * real).sum(1) / real.sum(1))

def step(queries, passages):
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=short):
        q, p = embed(queries), embed(passages)
    loss = nn.functional.cross_entropy(q @ p.t() / 0.05, torch.arange(len(queries)))
    loss.backward()
    optimizer.step()
    return loss.item()

for line in sys.stdin:
    r = json.loads(line)
    answer, wall, cpu = {}, time.perf_counter(), time.process_time()
    if r["do"] == "golden":  # the largest difference to the hidden states in a file, at real tokens
        golden = json.load(open(r["layers"]))
        ids, mask = torch.tensor(golden["input_ids"]), torch.tensor(golden["attention_mask"])
        with torch.no_grad():
            states = list(load(r["model"], 0).eval().states(ids, mask))
        assert len(states) == len(golden["hidden_states"])
        answer["difference"] = max(((s - torch.tensor(g["data"]).view(s.shape)) * mask.unsqueeze(-1)).abs().max().item() for s, g in zip(states, golden["hidden_states"]))
    elif r["do"] == "load":
        model, short = load(r["model"], r["dropout"]).train(r["dropout"] > 0), r["short"]
        optimizer = torch.optim.AdamW(model.parameters(), lr=r["rate"], weight_decay=0.01, foreach=r["foreach"])
        torch.manual_seed(1)
    elif r["do"] == "step":
        answer["loss"] = step(r["queries"], r["passages"])
    elif r["do"] == "encode":  # batches of texts sorted by length, as sentence-transformers does
        texts, size = r["texts"], r["batch"]
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i])) if r["sorted"] else list(range(len(texts)))
        model.eval()
        out = torch.empty(len(texts), model.embeddings.word_embeddings.weight.shape[1])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=short):
            for at in range(0, len(order), size): out[order[at:at + size]] = embed([texts[i] for i in order[at:at + size]])
        out.numpy().astype("<f4").tofile(r["output"])
    answer["wall"], answer["cpu"] = time.perf_counter() - wall, time.process_time() - cpu
    print(json.dumps(answer), flush=True)
