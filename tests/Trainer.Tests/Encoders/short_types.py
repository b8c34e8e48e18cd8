# usage: short_types.py DIR: all 65536 values of float16 and bfloat16, as bits and widened to float32 by PyTorch
import sys, numpy as np, torch
bits = torch.from_numpy(np.arange(65536, dtype="<u2").view("<i2"))
for name, kind in (("f16", torch.float16), ("bf16", torch.bfloat16)):
    order = bits if name == "f16" else bits[torch.randperm(65536, generator=torch.Generator().manual_seed(1))]
    order.numpy().tofile(sys.argv[1] + "/" + name)
    order.view(kind).float().numpy().astype("<f4").tofile(sys.argv[1] + "/" + name + "_wide")
