# usage: bags.py DIR THREADS: four steps of the mean-of-tokens encoder of BagTests.cs on DIR/ids, DIR/offsets; writes losses, gradient, weights
import sys, torch, numpy as np
import torch.nn.functional as F
d = sys.argv[1]
torch.set_num_threads(int(sys.argv[2]))
ids, offsets = torch.from_numpy(np.fromfile(f"{d}/ids", "i8")), torch.from_numpy(np.fromfile(f"{d}/offsets", "i8"))
torch.manual_seed(3)
bag = torch.nn.EmbeddingBag(3000, 96, mode="mean")
optimizer = torch.optim.AdamW(bag.parameters(), lr=0.01, weight_decay=0.0, foreach=True)
n, losses = len(offsets) // 2, []
for step in range(4):
    x = F.normalize(bag(ids, offsets), dim=1)
    loss = F.cross_entropy(x[:n] @ x[n:].t() / 0.05, torch.arange(n))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    if step == 0: bag.weight.grad.numpy().tofile(f"{d}/gradient")
    optimizer.step()
    losses.append(loss.item())
np.array(losses, "f8").tofile(f"{d}/losses")
bag.weight.detach().numpy().tofile(f"{d}/weights")
