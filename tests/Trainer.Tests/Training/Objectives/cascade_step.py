# usage: cascade_step.py DIR: the cascade of cross-encoder, late interaction and dual encoder, text by text and pair by pair, without padding. Reads DIR/config.json, model.safetensors (encoder.*,
# colbert_linear.*, cross.*), step.json (o: options; rows: query, passages and pairs with types, places of both texts; teacher scores where precomputed); writes loss, parts, names, gradients
import os, sys
here = os.path.dirname(os.path.abspath(__file__))
bert = open(os.path.join(here, "..", "..", "Encoders", "bert_step.py")).read()
exec(bert[:bert.index("with open(d")])
o = step["o"]

class Both(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.colbert_linear = Model(), nn.Linear(D, step["late_width"])
        if not o["precomputed"]:
            self.cross = nn.Module()
            if not o["shared"]: self.cross.bert = Model()
            self.cross.pooler, self.cross.classifier = nn.Linear(D, D), nn.Linear(D, 1)

def layers(model, ids, types):  # states before and behind the last layer, of one text: (L, D)
    e = model.embeddings
    ids, types = torch.tensor(ids)[None], torch.tensor(types)[None]
    x = e.word_embeddings(ids) + e.token_type_embeddings(types) + e.position_embeddings(torch.arange(ids.shape[1])[None])
    x = e.LayerNorm(x)
    for layer in model.encoder.layer[:-1]: x = layer(x, torch.zeros(1))
    return x, model.encoder.layer[-1](x, torch.zeros(1))[0]

with open(d + "/model.safetensors", "rb") as f:
    header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    data = f.read()
header.pop("__metadata__", None)
model = Both()
model.load_state_dict({k: torch.from_numpy(np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).copy()) for k, v in header.items()})
norm = nn.functional.normalize
parts, looked = {}, []
def add(name, value): parts[name] = parts.get(name, 0.0) + value / len(step["rows"])
def vectors(states): return norm(model.colbert_linear(states[1:]), dim=-1)
def cut(t, a): return t.detach() if a["stop"] else t
def kl(t, s): return (torch.softmax(t, 0) * (torch.log_softmax(t, 0) - torch.log_softmax(s, 0))).sum()
for row in step["rows"]:
    q = layers(model.encoder, row["query"], [0] * len(row["query"]))[1]
    ce, li, de, att = [], [], [], []
    for passage, pair in zip(row["passages"], row["pairs"]):
        p = layers(model.encoder, passage, [0] * len(passage))[1]
        eq, ep = vectors(q), vectors(p)
        nearest = (eq @ ep.T).max(1).values
        li.append((nearest.mean() if o["mean"] else nearest.sum()) / o["late_t"])
        de.append((norm(q[0], dim=0) @ norm(p[0], dim=0) if o["cosine"] else q[0] @ p[0]) / o["dual_t"])
        if o["precomputed"]: continue
        net = model.encoder if o["shared"] else model.cross.bert
        before, last = layers(net, pair["ids"], pair["types"])
        ce.append(model.cross.classifier(torch.tanh(model.cross.pooler(last[0])))[0])
        if o["attention"]["weight"] > 0:
            a = net.encoder.layer[-1].attention.self
            probs = torch.softmax(a.split(a.query(before)) @ a.split(a.key(before)).transpose(-1, -2) / math.sqrt(D // H), -1)[0].mean(0)
            nq, np_, at = pair["first"], pair["second"], pair["start"]
            probs = probs[1:1 + nq, at:at + np_]
            probs = cut(probs / probs.sum(1, keepdim=True), o["attention"])
            learned = torch.log_softmax(eq[:nq] @ ep[:np_].T / o["attention"]["t"], -1)
            att.append((probs * (probs.log() - learned)).sum(1).mean())
    li, de = torch.stack(li), torch.stack(de)
    ce = torch.tensor([math.nan if t is None else t for t in row["teacher"]]) if o["precomputed"] else torch.stack(ce)
    if not o["precomputed"]: add("cross", -torch.log_softmax(ce, 0)[0])
    add("late", -torch.log_softmax(li, 0)[0])
    add("dual", -torch.log_softmax(de, 0)[0])
    for name, t, s in (("cross_to_late", ce, li), ("late_to_dual", li, de), ("cross_to_dual", ce, de)):
        a, known = o[name], ~torch.isnan(t)
        add(name, a["t"] ** 2 * kl(cut(t[known], a) / a["t"], s[known] / a["t"]))
    looked += att
if looked: parts["attention"] = o["attention"]["t"] ** 2 * sum(looked) / len(looked)
weight = lambda name: o[name]["weight"] if isinstance(o[name], dict) else o[name]
loss = sum(weight(name) * value for name, value in parts.items())
loss.backward()
np.array([loss.item()]).tofile(d + "/loss")
json.dump({k: v.item() for k, v in parts.items()}, open(d + "/parts.json", "w"))
with open(d + "/names", "w") as f: f.write("\n".join(n for n, _ in model.named_parameters()))
np.concatenate([(p.grad if p.grad is not None else torch.zeros_like(p)).reshape(-1).numpy() for _, p in model.named_parameters()]).tofile(d + "/gradients")
