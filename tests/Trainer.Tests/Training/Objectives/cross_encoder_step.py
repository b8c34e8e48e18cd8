# usage: cross_encoder_step.py DIR: list-wise, point-wise and distillation losses of the cross-encoder in DIR and their gradients. The model is that of Heads/cross_step.py.
# Reads DIR/config.json, model.safetensors, step.json (lists: candidates of each row; weights of the three losses), ids, mask, types, teacher (row by row, nan without); writes loss, gradients
import os, sys
here = os.path.dirname(os.path.abspath(__file__))
source = open(os.path.join(here, "..", "..", "Heads", "cross_step.py")).read()
source = source[source.index("labels, drop"):source.index("model.train(")]
bert = open(os.path.join(here, "..", "..", "Encoders", "bert_step.py")).read()
exec(bert[:bert.index("with open(d")])
exec(source)
scores = model(ids, mask, types).view(-1)
teacher = load("teacher", "<f4")
lists = step["lists"]
listwise, pointwise, distill, at = 0.0, 0.0, 0.0, 0
for n in lists:
    own, taught = scores[at:at + n], teacher[at:at + n]
    listwise = listwise - torch.log_softmax(own, 0)[0] / len(lists)
    label = torch.zeros(n); label[0] = 1
    pointwise = pointwise + nn.functional.binary_cross_entropy_with_logits(own, label, reduction="sum") / sum(lists)
    known = ~torch.isnan(taught)
    if known.any():
        t = step["temperature"]
        p, q = torch.softmax(taught[known] / t, 0), torch.log_softmax(own[known] / t, 0)
        distill = distill + (p * (p.log() - q)).sum() * t * t / len(lists)
    at += n
loss = step["listwise"] * listwise + step["pointwise"] * pointwise + step["distill"] * distill
loss.backward()
np.array([loss.item()]).tofile(d + "/loss")
with open(d + "/names", "w") as f: f.write("\n".join(n for n, _ in model.named_parameters()))
np.concatenate([(p.grad if p.grad is not None else torch.zeros_like(p)).reshape(-1).numpy() for _, p in model.named_parameters()]).tofile(d + "/gradients")
