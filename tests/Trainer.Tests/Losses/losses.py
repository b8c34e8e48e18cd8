"""Losses by their published formulas, in 64 bits: reads in.json of the folder given, writes out.json with each loss and its gradients."""
import json
import os
import sys

import torch
import torch.nn.functional as F

torch.set_num_threads(1)
folder = sys.argv[1]
given = json.load(open(os.path.join(folder, "in.json")))
B, G = 4, 3
out = {}


def leaf(name):
    return torch.tensor(given[name], dtype=torch.float64, requires_grad=True)


def case(name, names, formula):
    leaves = [leaf(n) for n in names]
    loss = formula(*leaves)
    loss.backward()
    grads = {n: (torch.zeros_like(t) if t.grad is None else t.grad).flatten().tolist() for n, t in zip(names, leaves)}
    out[name] = {"loss": loss.item(), "grads": grads}


# Passages stand positives first; SimLM wants each positive followed by its negatives.
grouped = torch.tensor([k * B + i for i in range(B) for k in range(G)])
teacher = torch.tensor(given["teacher"], dtype=torch.float64)
lengths_q, lengths_p = given["lengths_q"], given["lengths_p"]


def simlm_scores(q, p, t, every):
    q, p = F.normalize(q, dim=-1), F.normalize(p[grouped], dim=-1)
    labels = torch.arange(B) * G
    scores = q @ p.t()
    if every:
        first = p[labels]
        blocks = [first @ q.t(), q @ q.t(), first @ first.t()]
        scores = torch.cat([scores] + [b.masked_fill(torch.eye(B, dtype=torch.bool), float("-inf")) for b in blocks], dim=-1)
    return scores / t, labels


def simlm(t, every):
    def formula(q, p):
        scores, labels = simlm_scores(q, p, t, every)
        return F.cross_entropy(scores, labels)
    return formula


def simlm_kd(t, weight, mask):
    def formula(q, p):
        scores, labels = simlm_scores(q, p, t, True)
        group = labels.unsqueeze(1) + torch.arange(G)
        kd = F.kl_div(torch.log_softmax(scores.gather(1, group), -1), torch.log_softmax(teacher, -1), reduction="batchmean", log_target=True)
        if mask:
            scores = scores.scatter(1, group[:, 1:], float("-inf"))
        return weight * F.cross_entropy(scores, labels) + kd
    return formula


def own(q, p):
    return torch.einsum("bd,bgd->bg", q, p[grouped].view(B, G, -1))


def dual_reg(q1, q2, p):
    s1, s2 = q1 @ p.t(), q2 @ p.t()
    l1, l2 = torch.log_softmax(s1, 1), torch.log_softmax(s2, 1)
    kl = F.kl_div(l1, l2, reduction="batchmean", log_target=True) + F.kl_div(l2, l1, reduction="batchmean", log_target=True)
    labels = torch.arange(B)
    return 0.5 * (F.cross_entropy(s1, labels) + F.cross_entropy(s2, labels)) + 0.7 * 0.5 * kl


def texts(values, lengths):
    return list(torch.split(values, lengths))


def maxsim(q, p):
    q, p = texts(F.normalize(q, dim=-1), lengths_q), texts(F.normalize(p, dim=-1), lengths_p)
    return torch.stack([torch.stack([(a @ b.t()).max(1).values.sum() for b in p]) for a in q])


def colbert(q, p):
    return F.cross_entropy(maxsim(q, p) / 0.5, torch.arange(B))


def colbert_kd(q, p):
    s = maxsim(q, p)[:, grouped].view(B, B, G)[torch.arange(B), torch.arange(B)]
    low, high = s.min(1, keepdim=True).values, s.max(1, keepdim=True).values
    s = (s - low) / (high - low + 1e-8)
    return F.kl_div(torch.log_softmax(s, -1), torch.log_softmax(teacher, -1), reduction="batchmean", log_target=True)


def sparse(q, p):
    q, p = q * (q > 0), p * (p > 0)
    flops = 0.5 * (q.mean(0) ** 2).sum() + 0.3 * (p.mean(0) ** 2).sum()
    return F.cross_entropy(q @ p.t() / 0.8, torch.arange(B)) + flops


def self_guided(q, p):
    q, p = F.normalize(q, dim=-1), F.normalize(p, dim=-1)
    total = 0
    for i in range(B):
        pos = q[i] @ p[i]
        others = [q[i] @ p[j] for j in range(len(p)) if j != i] + [q[i] @ q[j] for j in range(B) if j != i] + [p[i] @ p[j] for j in range(B) if j != i]
        kept = [pos] + [o for o in others if not o > pos + 0.1]
        total = total - torch.log_softmax(torch.stack(kept) / 0.05, 0)[0]
    return total / B


absent = torch.tensor(given["absent"], dtype=torch.bool)


def listed(s):
    return s.masked_fill(absent, -1e300)


def listwise(s):
    return F.cross_entropy(listed(s) / 0.5, torch.zeros(B, dtype=torch.long))


def pointwise(s):
    labels = torch.zeros(B, G, dtype=torch.float64)
    labels[:, 0] = 1
    return F.binary_cross_entropy_with_logits(s[~absent], labels[~absent], pos_weight=torch.tensor(2.0, dtype=torch.float64))


def soft(s):
    return F.binary_cross_entropy_with_logits(s[~absent], torch.sigmoid(teacher)[~absent])


def kl(a, b):
    """KL(softmax(a) || softmax(b)), mean over rows, candidates that are there."""
    total = 0
    for i in range(B):
        x, y = a[i][~absent[i]], b[i][~absent[i]]
        total = total + (torch.softmax(x, 0) * (torch.log_softmax(x, 0) - torch.log_softmax(y, 0))).sum()
    return total / B


def r_drop(s1, s2):
    zero = torch.zeros(B, dtype=torch.long)
    return 0.5 * (F.cross_entropy(listed(s1), zero) + F.cross_entropy(listed(s2), zero)) + 0.5 * 0.5 * (kl(s1, s2) + kl(s2, s1))


def looked(attention, similar, stop):
    mask = torch.tensor(given["token_mask"], dtype=torch.bool)
    total = 0
    for pair in range(2):
        rows = []
        for i in range(3):
            m = mask[pair, i]
            if not m.any():
                continue
            a = (attention[pair, i].detach() if stop else attention[pair, i])[m]
            a = a / a.sum()
            rows.append((a * (a.log() - torch.log_softmax(similar[pair, i][m], 0))).sum())
        total = total + torch.stack(rows).mean()
    return total / 2


def cascade(stop):
    def formula(ce, li, de, attention, similar):
        zero = torch.zeros(B, dtype=torch.long)
        held = (lambda x: x.detach()) if stop else (lambda x: x)
        labels = F.cross_entropy(listed(ce), zero) + 0.5 * F.cross_entropy(listed(li), zero) + 2 * F.cross_entropy(listed(de), zero)
        arrows = kl(held(ce), li) + 0.3 * kl(held(li) / 2, de / 2) * 4 + 0.7 * kl(held(ce), de)
        return labels + arrows + 0.9 * looked(attention, similar, stop)
    return formula


case("simlm", ["q", "p"], simlm(0.05, True))
case("simlm-qk", ["q", "p"], simlm(0.05, False))
case("simlm-distillation", ["q", "p"], simlm_kd(0.1, 0.2, True))
case("simlm-distillation-unmasked", ["q", "p"], simlm_kd(0.1, 1.0, False))
case("rocketqa", ["q", "p"], lambda q, p: F.cross_entropy(q @ p.t(), torch.arange(B)))
case("rocketqav2", ["q", "p"], lambda q, p: F.kl_div(torch.log_softmax(own(q, p), -1), torch.softmax(teacher, -1), reduction="batchmean"))
case("dual-reg", ["q", "again", "p"], dual_reg)
case("colbert", ["qt", "pt"], colbert)
case("colbert-distillation", ["qt", "pt"], colbert_kd)
case("sparse", ["qs", "ps"], sparse)
case("self-guide", ["q", "p"], self_guided)
case("listwise", ["ce"], listwise)
case("pointwise", ["ce"], pointwise)
case("pointwise-soft", ["ce"], soft)
case("r-drop", ["ce", "ce2"], r_drop)
case("cascade", ["ce", "li", "de", "attention", "similar"], cascade(True))
case("cascade-through", ["ce", "li", "de", "attention", "similar"], cascade(False))
json.dump(out, open(os.path.join(folder, "out.json"), "w"))
