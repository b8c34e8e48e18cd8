# A rank of Python's torch.distributed in a group with ranks of ours: the same operations in the same order.
import math
import sys
import datetime
import torch
import torch.distributed as dist

folder, rank, world, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
limit = datetime.timedelta(seconds=20)
store = dist.TCPStore("127.0.0.1", port, None, False, limit)
store.set(f"joined/{rank}", "python")
store.wait([f"joined/{r}" for r in range(world)])
group = dist.ProcessGroupGloo(dist.PrefixStore("group", store), rank, world, limit)


def numbers(count):
    values = [math.sin(i * 0.37 + rank) * math.pow(10, (i + 3 * rank) % 9) for i in range(count)]
    return torch.tensor(values, dtype=torch.float64).to(torch.float32)


def leave(name, tensor):
    tensor.contiguous().numpy().tofile(f"{folder}/{name}.{rank}")


def reduced(tensor, kind):
    options = dist.AllreduceOptions()
    options.reduceOp = kind
    group.allreduce([tensor], options).wait()
    return tensor


def gathered(tensor):
    outputs = [torch.empty_like(tensor) for _ in range(world)]
    group.allgather([outputs], [tensor]).wait()
    return outputs


leave("sum", reduced(numbers(100_003), dist.ReduceOp.SUM))
leave("max", reduced(numbers(1000), dist.ReduceOp.MAX))
leave("equal", torch.cat(gathered(numbers(6).view(2, 3).contiguous())))

root = numbers(5)
options = dist.BroadcastOptions()
options.rootRank, options.rootTensor = 1, 0
group.broadcast([root], options).wait()
leave("root", root)
group.barrier().wait()

# Unequal rows: type, dimensions and sizes first, then tensors filled up to the longest.
mine = numbers(4 * (rank + 1)).view(rank + 1, 4)
shapes = gathered(torch.tensor([6, 2, rank + 1, 4, 0, 0, 0, 0, 0, 0]))
most = max(int(s[2]) for s in shapes)
parts = gathered(torch.cat([mine, torch.zeros(most - mine.shape[0], 4)]))
leave("rows", torch.cat([p[: int(s[2])] for p, s in zip(parts, shapes)]))
store.add("left", 1)
