# usage: projection.py DIR: sentence-transformers' Dense module (models/Dense.py) and SimLM's pooler.pt, made, saved and computed
import json, os, sys, numpy as np, torch
d = sys.argv[1]
torch.manual_seed(2)
for name, activation, bias in (("tanh", torch.nn.Tanh(), True), ("identity", torch.nn.Identity(), False), ("pooler", torch.nn.Identity(), True)):
    linear = torch.nn.Linear(12, 5, bias=bias)
    if name == "pooler":
        os.makedirs(d + "/pooler")
        torch.save(linear.state_dict(), d + "/pooler/pooler.pt")
    else:
        os.makedirs(f"{d}/{name}/2_Dense")
        torch.save({"linear." + k: v for k, v in linear.state_dict().items()}, f"{d}/{name}/2_Dense/pytorch_model.bin")
        path = type(activation).__module__ + "." + type(activation).__name__
        json.dump({"in_features": 12, "out_features": 5, "bias": bias, "activation_function": path}, open(f"{d}/{name}/2_Dense/config.json", "w"))
    x = torch.randn(7, 12, requires_grad=True)
    y = activation(linear(x))
    (y * torch.arange(5).float()).sum().backward()
    for what, value in (("x", x), ("y", y), ("dx", x.grad), ("dw", linear.weight.grad)):
        value.detach().contiguous().numpy().tofile(f"{d}/{name}.{what}")
