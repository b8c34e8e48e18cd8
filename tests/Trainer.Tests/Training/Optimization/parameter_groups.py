# usage: parameter_groups.py DIR: AdamW over groups, some steps with given gradients; a group without gradient in step 1; writes weights and moments of each step
import json, sys, torch
d = sys.argv[1]
c = json.load(open(f"{d}/config.json"))
torch.set_num_threads(1)
read = lambda name, shape: torch.frombuffer(bytearray(open(f"{d}/{name}", "rb").read()), dtype=torch.float32).reshape(shape)
params = {n: torch.nn.Parameter(read(n, s)) for n, s in c["shapes"].items()}
groups = [{"params": [params[n] for n in g["names"]], "lr": 1.0, "weight_decay": g["decay"]} for g in c["groups"]]
opt = torch.optim.AdamW(groups, betas=(0.9, c["beta2"]), eps=1e-8, foreach=True)
for step, rate in enumerate(c["rates"]):
    for g, own in zip(opt.param_groups, c["groups"]):
        g["lr"] = rate * own["factor"]
    for g in c["groups"]:
        for n in g["names"]:
            skipped = step == 1 and n in c["silent"]
            params[n].grad = None if skipped else read(f"g{step}.{n}", c["shapes"][n])
    opt.step()
for n, p in params.items():
    p.detach().numpy().tofile(f"{d}/w.{n}")
    if p in opt.state:
        opt.state[p]["exp_avg"].numpy().tofile(f"{d}/m.{n}")
        opt.state[p]["exp_avg_sq"].numpy().tofile(f"{d}/v.{n}")
