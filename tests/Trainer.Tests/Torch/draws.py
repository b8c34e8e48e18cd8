# usage: draws.py DIR: seeds with 42 and writes the draws of RandomTests.cs, in its order
import sys, torch, torch.nn.functional as F
d = sys.argv[1]
torch.manual_seed(42)
x = torch.ones(1000)
draws = [torch.rand(5), torch.randn(17), torch.randperm(50).float(), torch.randint(3, 99, (20,)).float(), F.dropout(x, 0.3), torch.rand_like(x), torch.randn_like(x), torch.full((40,), 0.4).bernoulli(),
         torch.ones(6, 10).multinomial(3).float(), torch.empty(9).uniform_(-2, 3), torch.empty(9).normal_(1, 2), torch.empty(9).bernoulli_(0.5), F.dropout(torch.ones(64, 65), 0.1), torch.randn(3)]
torch.cat([t.reshape(-1) for t in draws]).numpy().tofile(f"{d}/draws")
torch.get_rng_state().numpy().tofile(f"{d}/state")
torch.manual_seed(5)
linear, table, norm, conv = torch.nn.Linear(7, 3), torch.nn.Embedding(11, 4, padding_idx=2), torch.nn.LayerNorm(4), torch.empty(4, 6)
torch.nn.init.xavier_uniform_(conv)
torch.cat([t.detach().reshape(-1) for t in [linear.weight, linear.bias, table.weight, norm.weight, norm.bias, conv]]).numpy().tofile(f"{d}/initial")
