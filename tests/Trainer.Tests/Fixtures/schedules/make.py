# Learning rates by torch.optim.lr_scheduler: linear warm-up by LambdaLR, then LambdaLR (linear), CosineAnnealingLR's closed form, LinearLR or CosineAnnealingLR (the fall after a stable
# part of 23 steps) or MultiStepLR (milestones at steps 20 and 30, factors 0.3 and the one that arrives at the final rate).
import json, torch
from torch.optim.lr_scheduler import LambdaLR, CosineAnnealingLR, LinearLR, MultiStepLR
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
fall = 10
opt = optimizer(); wsd_linear = follow(opt, LinearLR(opt, 1.0, final / rate, fall), fall)
opt = optimizer(); wsd_cosine = follow(opt, CosineAnnealingLR(opt, T_max=fall, eta_min=final), fall)
stable = warm + [rate] * (total - warmup - fall)
def steps(factor):
    opt = optimizer(); return warm + follow(opt, MultiStepLR(opt, [20, 30], factor), total)[warmup:]
json.dump({"torch": torch.__version__, "rate": rate, "final_rate": final, "warmup_steps": warmup, "total_steps": total,
           "constant": warm + [rate] * (total - warmup), "linear": warm + linear, "cosine": warm + cosine,
           "wsd_linear": stable + wsd_linear, "wsd_cosine": stable + wsd_cosine, "step_down": steps(0.3), "step_down_to_final": steps((final / rate) ** 0.5)}, open("schedules.json", "w"), indent=0)
