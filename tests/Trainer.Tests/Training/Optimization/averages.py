# usage: averages.py DIR STEPS: torch.optim.swa_utils.AveragedModel over the weights w0, w1, ... (15 floats): the plain mean of steps 3, 5, ... and the last, and the exponential one,
# with min(0.9, (1 + t) / (10 + t)); from the first weights on
import sys, torch
from torch.optim.swa_utils import AveragedModel
d, steps = sys.argv[1], int(sys.argv[2])
read = lambda k: torch.frombuffer(bytearray(open(f"{d}/w{k}", "rb").read()), dtype=torch.float32)
class Model(torch.nn.Module):
    def __init__(self):
        super().__init__(); self.w = torch.nn.Parameter(read(0).clone())
model = Model()
mean = AveragedModel(model)
decays = iter([min(0.9, (1 + t) / (10 + t)) for t in range(steps)])
ema = AveragedModel(model, avg_fn=lambda average, w, n: (lambda d: d * average + (1 - d) * w)(next(decays)))
ema.n_averaged += 1
for step in range(1, steps + 1):
    with torch.no_grad():
        model.w.copy_(read(step))
    ema.update_parameters(model)
    if step >= 3 and ((step - 3) % 2 == 0 or step == steps):
        mean.update_parameters(model)
mean.module.w.detach().numpy().tofile(f"{d}/mean")
ema.module.w.detach().numpy().tofile(f"{d}/ema")
