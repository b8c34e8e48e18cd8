# usage: state_dicts.py DIR make | load FILE...: files of torch.save and the values in them, or the tensors of files made elsewhere
import sys, torch
from collections import OrderedDict
d, what, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
if what == "make":
    torch.manual_seed(7)
    linear = torch.nn.Linear(5, 3)
    base = torch.randn(6, 8)
    shared = torch.arange(12, dtype=torch.float32)
    files = {
        "module": linear.state_dict(),
        "half": linear.half().state_dict(),
        "bfloat16": torch.nn.Linear(5, 3).bfloat16().state_dict(),
        "plain": {"weight": base, "scalar": torch.tensor(2.5), "empty": torch.zeros(0, 4), "one": torch.ones(1, 1, 1)},
        "strides": OrderedDict(turned=base.t(), part=base[1:5, 2:7], step=base[::2, ::3], column=base[:, 3], first=shared[:4], last=shared[8:].view(2, 2)),
        "parameter": OrderedDict(weight=torch.nn.Parameter(base.clone())),
        "nested_names": torch.nn.Sequential(torch.nn.Linear(4, 300), torch.nn.LayerNorm(300)).state_dict(),
    }
    for name, state in files.items():
        torch.save(state, f"{d}/{name}.pt")
        for key, value in state.items():
            value.detach().float().contiguous().numpy().tofile(f"{d}/{name}.{key}")
    torch.save(torch.nn.Linear(5, 3), f"{d}/whole_module.pt")
    torch.save(torch.randn(3), f"{d}/bare_tensor.pt")
    torch.save({"weight": [1, 2]}, f"{d}/list.pt")
    torch.save({"weight": torch.arange(4)}, f"{d}/long.pt")
    torch.save({"state": linear.state_dict()}, f"{d}/nested.pt")
    torch.save({"weight": torch.zeros(1).expand(100000)}, f"{d}/expanded.pt")
    torch.save(linear.state_dict(), f"{d}/legacy.pt", _use_new_zipfile_serialization=False)
    torch.save({"weight": base}, f"{d}/protocol4.pt", pickle_protocol=4)
    class Evil:
        def __reduce__(self): return (eval, (f"open('{d}/ran', 'w')",))
    torch.save({"weight": Evil()}, f"{d}/evil.pt")
    torch.jit.save(torch.jit.script(torch.nn.ReLU()), f"{d}/script.pt")
else:
    for name in rest:
        for options in ({}, {"weights_only": True}):
            state = torch.load(f"{d}/{name}.pt", map_location="cpu", **options)
            module = torch.nn.Linear(state["weight"].shape[1], state["weight"].shape[0])
            module.load_state_dict(state)
        for key, value in module.state_dict().items():
            value.numpy().tofile(f"{d}/{name}.{key}.loaded")
