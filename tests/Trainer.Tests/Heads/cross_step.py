# usage: cross_step.py DIR: forward and backward of the cross-encoder in DIR, written after Hugging Face's BertForSequenceClassification and RobertaClassificationHead.
# Its encoder is that of Encoders/bert_step.py. Reads DIR/config.json, model.safetensors, step.json, ids, mask, types, target; writes names, logits, loss, gradients
import os, sys
source = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Encoders", "bert_step.py")).read()
exec(source[:source.index("with open(d")])
labels, drop = step["labels"], step["dropout"]

class CrossEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.dropout = nn.Dropout(drop)
        if xlm:
            self.roberta, self.classifier = Model(), nn.Module()
            self.classifier.dense, self.classifier.out_proj = nn.Linear(D, D), nn.Linear(D, labels)
        else:
            self.bert, self.classifier = Model(), nn.Linear(D, labels)
            self.bert.pooler = nn.Module()
            self.bert.pooler.dense = nn.Linear(D, D)
    def forward(self, ids, mask, types):
        first = (self.roberta if xlm else self.bert)(ids, mask, types)[:, 0, :]
        if xlm: return self.classifier.out_proj(self.dropout(torch.tanh(self.classifier.dense(self.dropout(first)))))
        return self.classifier(self.dropout(torch.tanh(self.bert.pooler.dense(first))))

with open(d + "/model.safetensors", "rb") as f:
    header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
    data = f.read()
header.pop("__metadata__", None)
model = CrossEncoder()
model.load_state_dict({k: torch.from_numpy(np.frombuffer(data[slice(*v["data_offsets"])], "<f4").reshape(v["shape"]).copy()) for k, v in header.items()})
load = lambda name, kind: torch.from_numpy(np.fromfile(d + "/" + name, kind))
B, L = step["batch"], step["width"]
ids, mask, types = (load(n, "<i8").view(B, L) for n in ("ids", "mask", "types"))
model.train(step["training"])
torch.manual_seed(step["seed"])
logits = model(ids, mask, types)
loss = (logits * load("target", "<f4").view(B, labels)).sum()
loss.backward()
logits.detach().numpy().tofile(d + "/logits")
np.array([loss.item()]).tofile(d + "/loss")
with open(d + "/names", "w") as f: f.write("\n".join(n for n, _ in model.named_parameters()))
np.concatenate([(p.grad if p.grad is not None else torch.zeros_like(p)).reshape(-1).numpy() for _, p in model.named_parameters()]).tofile(d + "/gradients")
