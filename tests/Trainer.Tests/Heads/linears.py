# usage: linears.py DIR: writes the values of new torch.nn.Linear modules
import sys, torch
for name, seed, outputs, bias in (("sparse_linear", 11, 1, True), ("colbert_linear", 12, 10, True), ("projection.linear", 13, 7, False)):
    torch.manual_seed(seed)
    for part, value in torch.nn.Linear(24, outputs, bias=bias).state_dict().items():
        value.numpy().tofile(f"{sys.argv[1]}/{name}.{part}")
