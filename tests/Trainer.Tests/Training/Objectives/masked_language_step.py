# usage: masked_language_step.py DIR: one step of masked-language training, written after Hugging Face's BertForMaskedLM, XLMRobertaForMaskedLM and ModernBertForMaskedLM. The encoder is that of
# Encoders/bert_step.py or modernbert_step.py. Reads DIR/config.json, model.safetensors, step.json, ids, mask, labels (-100 where nothing is asked); writes names, loss, hits, gradients
import json, os, sys
modern = json.load(open(sys.argv[1] + "/config.json"))["model_type"] == "modernbert"
source = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Encoders", "modernbert_step.py" if modern else "bert_step.py")).read()
exec(source[:source.index("with open(d")])

class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.dense, self.norm, self.bias = nn.Linear(D, D, not modern), Norm() if modern else nn.LayerNorm(D, eps), nn.Parameter(torch.zeros(c["vocab_size"]))
    def forward(self, x, table): return nn.functional.linear(self.norm(nn.functional.gelu(self.dense(x))), table, self.bias)

with open(d + "/model.safetensors", "rb") as f:
    header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    data = f.read()
header.pop("__metadata__", None)
tensors = {k: torch.from_numpy(np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).copy()) for k, v in header.items()}
heads = {k: v for k, v in tensors.items() if k.startswith(("cls.", "lm_head.", "head.", "decoder."))}
model, head = Model(), Head()
model.load_state_dict({k: v for k, v in tensors.items() if k not in heads})
part = lambda k: k.replace("cls.predictions.", "").replace("lm_head.", "").replace("head.", "").replace("decoder.", "").replace("transform.", "").replace("LayerNorm", "norm").replace("layer_norm", "norm")
head.load_state_dict({part(k): v for k, v in heads.items()})
load = lambda name, kind: torch.from_numpy(np.fromfile(d + "/" + name, kind))
B, L = step["batch"], step["width"]
ids, mask, labels = (load(n, "<i8").view(B, L) for n in ("ids", "mask", "labels"))
model.train()
if modern: scores = head(model(ids, mask)[1], model.embeddings.tok_embeddings.weight)
else: scores = head(model(ids, mask, torch.zeros_like(ids)), model.embeddings.word_embeddings.weight)
loss = nn.CrossEntropyLoss()(scores.view(-1, c["vocab_size"]), labels.view(-1))
loss.backward()
np.array([loss.item(), (scores.argmax(-1) == labels).sum().item()]).tofile(d + "/loss")
everything = list(model.named_parameters()) + list(head.named_parameters())
with open(d + "/names", "w") as f: f.write("\n".join(n for n, _ in everything))
np.concatenate([(p.grad if p.grad is not None else torch.zeros_like(p)).reshape(-1).numpy() for _, p in everything]).tofile(d + "/gradients")
