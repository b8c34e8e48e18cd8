# usage: pooling.py DIR MODE B L D: sentence-transformers' Pooling (models/Pooling.py) on DIR/hidden, DIR/mask; writes pooled, unit (L2), gradient
import sys, numpy as np, torch
d, mode, (B, L, D) = sys.argv[1], sys.argv[2], map(int, sys.argv[3:6])
torch.set_num_threads(1)
hidden = torch.from_numpy(np.fromfile(d + "/hidden", "<f4")).view(B, L, D).requires_grad_()
mask = torch.from_numpy(np.fromfile(d + "/mask", "<i8")).view(B, L)
expanded = mask.unsqueeze(-1).expand(hidden.size()).to(hidden.dtype)
if mode == "cls":
    pooled = hidden[:, 0]
elif mode == "max":
    x = hidden.clone()
    x[expanded == 0] = -1e9
    pooled = torch.max(x, 1)[0]
elif mode in ("mean", "mean_sqrt_len_tokens"):
    total, count = torch.sum(hidden * expanded, 1), torch.clamp(expanded.sum(1), min=1e-9)
    pooled = total / (count if mode == "mean" else torch.sqrt(count))
elif mode == "weightedmean":
    weights = torch.arange(start=1, end=L + 1).unsqueeze(0).unsqueeze(-1).expand(hidden.size()).to(hidden.dtype)
    expanded = expanded * weights
    pooled = torch.sum(hidden * expanded, 1) / torch.clamp(expanded.sum(1), min=1e-9)
elif mode == "lasttoken":
    values, indices = torch.max(mask.flip(1), 1)
    indices = (L - torch.where(values == 0, L - 1, indices) - 1).unsqueeze(-1).repeat(1, D).unsqueeze(1)
    pooled = torch.gather(hidden * expanded, 1, indices).squeeze(1)
unit = torch.nn.functional.normalize(pooled, p=2, dim=1)
(unit * torch.arange(D).float()).sum().backward()
for name, value in (("pooled", pooled), ("unit", unit), ("gradient", hidden.grad)):
    value.detach().contiguous().numpy().astype("<f4").tofile(d + "/" + name)
