using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using Trainer;
using Trainer.Training.Distributed;
using static TorchSharp.torch;

namespace RankHost;

/// <summary>Operations of a group, whose results are left as raw files that the test compares.</summary>
static class Operations
{
    /// <summary>Every operation once, in the order that collectives.py has too.</summary>
    public static int Run(DistributedContext context, string folder)
    {
        var group = context.Group!;
        // Rank r's numbers: of many magnitudes, so that the order of additions shows.
        using var values = Numbers(context.Rank, 100_003);
        group.AllReduce(values, of: "numbers");
        Leave("sum", values.data<float>().ToArray());

        using var largest = Numbers(context.Rank, 1000);
        group.AllReduce(largest, ReduceOperation.Max);
        Leave("max", largest.data<float>().ToArray());

        using var equal = Numbers(context.Rank, 6).view(2, 3).contiguous();
        Leave("equal", group.AllGather(equal).SelectMany(t => t.data<float>().ToArray()).ToArray());

        using var root = Numbers(context.Rank, 5);
        group.Broadcast(root, 1);
        Leave("root", root.data<float>().ToArray());

        group.Barrier();
        using var rows = Numbers(context.Rank, 4 * (context.Rank + 1)).view(context.Rank + 1, 4).contiguous();
        Leave("rows", group.AllGatherRows(rows).SelectMany(t => t.data<float>().ToArray()).ToArray());
        return 0;

        void Leave(string name, float[] data) => File.WriteAllBytes(Path.Combine(folder, $"{name}.{context.Rank}"), MemoryMarshal.AsBytes<float>(data).ToArray());
    }

    /// <summary>What only our own ranks do: bytes, sums, types that Gloo has no name for, nothing at all.</summary>
    public static int Unequal(DistributedContext context)
    {
        var group = context.Group!;
        var sums = context.Sum([context.Rank + 1, 0.1], "sums");
        Say($"sums {string.Join(' ', sums.Select(s => s.ToString("R", CultureInfo.InvariantCulture)))}");
        Say("first " + Encoding.UTF8.GetString(context.FromFirst(Encoding.UTF8.GetBytes($"of {context.Rank}"), "words")));
        Say("all " + string.Join('|', context.FromAll(Encoding.UTF8.GetBytes(new string('x', context.Rank)), "words").Select(Encoding.UTF8.GetString)));
        Say($"empty {context.FromFirst([], "nothing").Length}");
        using var flags = tensor(new[] { context.Rank == 0, true });
        Say("flags " + string.Join(' ', group.AllGatherRows(flags).SelectMany(t => t.data<bool>().ToArray())));
        using var nothing = zeros([0, 3]);
        Say("nothing " + string.Join(' ', group.AllGatherRows(nothing).Select(t => string.Join('x', t.shape))));
        using var wide = zeros([1, 3 + context.Rank]);
        try
        {
            group.AllGatherRows(wide, "vectors");
        }
        catch (ProcessGroupException error)
        {
            Say("refused " + error.Message);
        }

        return 0;
    }

    /// <summary>Sums numbers until it is killed, or another rank is.</summary>
    public static int Wait(DistributedContext context)
    {
        using var values = ones(1000);
        for (var k = 0; ; k++)
        {
            context.Group!.AllReduce(values, of: "numbers without end");
            if (k == 20)
            {
                Say("running");
            }
        }
    }

    /// <summary>Rank 1 has an error of its own while the others wait for it.</summary>
    public static int Fault(DistributedContext context)
    {
        context.Barrier("the start");
        if (context.Rank == 1)
        {
            throw new TrainerException("The loss of step 3 is NaN.");
        }

        context.Barrier("the end of step 3");
        return 0;
    }

    static void Say(string line) => Console.Out.WriteLine(line);

    static Tensor Numbers(int rank, int count) =>
        tensor([.. Enumerable.Range(0, count).Select(i => (float)(Math.Sin((i * 0.37) + rank) * Math.Pow(10, (i + (3 * rank)) % 9)))]);
}
