# usage: mean.py DIR WEIGHT WEIGHT ...: the weighted mean of x0, x1, ... (float32), in double, rounded to float32, and of their halves and bfloat16
import sys, torch
d, weights = sys.argv[1], [float(w) for w in sys.argv[2:]]
xs = [torch.frombuffer(bytearray(open(f"{d}/x{k}", "rb").read()), dtype=torch.float32) for k in range(len(weights))]
for name, kind in [("w", torch.float32), ("half", torch.float16), ("brain", torch.bfloat16)]:
    mean = sum(w * x.to(kind).double() for w, x in zip(weights, xs)).to(kind)
    (mean if kind == torch.float32 else mean.view(torch.int16)).numpy().tofile(f"{d}/{name}")
