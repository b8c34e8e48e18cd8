using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Trainer.Training.Distributed;

/// <summary>
/// Sums the gradients of parameters over ranks, before they are clipped and applied: each rank's are of its own share of the loss, so there is no factor. Parameters are put end to end in their order into
/// buckets, one operation each. All ranks get the same bits, so their weights stay equal; another number of ranks adds in another order.
/// </summary>
/// <param name="context">The ranks.</param>
/// <param name="parameters">What is trained, by name, in one order on all ranks.</param>
public sealed class GradientReduction(DistributedContext context, IReadOnlyList<(string Name, Parameter Value)> parameters)
{
    /// <summary>Sums the gradients, in their place. A parameter that has one on some ranks alone has it on all after it.</summary>
    public void Sum()
    {
        if (context.Group is not { } group || parameters.Count == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var constant = no_grad();
        var gradients = parameters.Select(p => p.Value.grad).ToArray();
        var present = tensor(gradients.Select(g => g is null ? 0L : 1).ToArray()).to(group.Device);
        group.AllReduce(present, ReduceOperation.Max, "which parameters have gradients");
        var anywhere = present.cpu().data<long>().ToArray();
        for (var k = 0; k < gradients.Length; k++)
        {
            if (gradients[k] is null && anywhere[k] != 0)
            {
                parameters[k].Value.grad = zeros_like(parameters[k].Value);
                gradients[k] = parameters[k].Value.grad;
            }
        }

        var bucket = new List<Tensor>();
        var (size, number) = (0L, 0);
        foreach (var gradient in gradients.OfType<Tensor>())
        {
            if (bucket.Count > 0 && (size + gradient.numel()) * sizeof(float) > context.Options.BucketMegabytes * (1 << 20))
            {
                Reduce(group, bucket, ++number);
                (size, bucket) = (0, []);
            }

            size += gradient.numel();
            bucket.Add(gradient);
        }

        if (bucket.Count > 0)
        {
            Reduce(group, bucket, ++number);
        }
    }

    static void Reduce(ProcessGroup group, List<Tensor> bucket, int number)
    {
        using var scope = NewDisposeScope();
        var flat = cat([.. bucket.Select(g => g.to(float32).reshape(-1))], 0);
        group.AllReduce(flat, of: $"the gradients (bucket {number})");
        var start = 0L;
        foreach (var gradient in bucket)
        {
            gradient.copy_(flat.narrow(0, start, gradient.numel()).view(gradient.shape));
            start += gradient.numel();
        }
    }
}
