# Learning rates by torch.optim.lr_scheduler: linear warm-up by LambdaLR, then LambdaLR (linear) or CosineAnnealingLR's closed form.
import json, torch
from torch.optim.lr_scheduler import LambdaLR, CosineAnnealingLR
rate, final, warmup, total = 5e-3, 1e-4, 7, 40
def optimizer():
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)
def follow(opt, sched, n):
    out = []
    for _ in range(n):
        out.append(opt.param_groups[0]["lr"]); opt.step(); sched.step()
    return out
opt = optimizer(); warm = follow(opt, LambdaLR(opt, lambda s: (s + 1) / warmup), warmup)
opt = optimizer(); linear = follow(opt, LambdaLR(opt, lambda s: (final + (rate - final) * (1 - s / (total - warmup))) / rate), total - warmup)
opt = optimizer(); cosine = follow(opt, CosineAnnealingLR(opt, T_max=total - warmup, eta_min=final), total - warmup)
json.dump({"torch": torch.__version__, "rate": rate, "final_rate": final, "warmup_steps": warmup, "total_steps": total,
           "constant": warm + [rate] * (total - warmup), "linear": warm + linear, "cosine": warm + cosine}, open("schedules.json", "w"), indent=0)
