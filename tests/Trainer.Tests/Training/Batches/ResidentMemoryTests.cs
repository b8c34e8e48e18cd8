using System.Runtime.InteropServices;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

[Collection(MemoryCollection.Name)]
public sealed class ResidentMemoryTests
{
    const long Mebibyte = 1 << 20;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Peak_CountsWhatWasHeld_AndForgetsIt(bool sampling)
    {
        using var memory = new ResidentMemory(sampling);
        memory.Reset();
        var before = memory.Peak();
        Hold(128, sampling);
        var held = memory.Peak();
        Assert.InRange(held - before, 120 * Mebibyte, 160 * Mebibyte);
        memory.Reset();
        Assert.InRange(memory.Peak() - before, -48 * Mebibyte, 48 * Mebibyte);
    }

    [Fact]
    public void Tuner_FindsWhatFitsABudgetOfBytes()
    {
        using var memory = new ResidentMemory();
        memory.Reset();
        var before = memory.Peak();

        // A row of 64 tokens holds 16 MiB: 30 of them are 480 MiB beside what the process has, whose own memory comes and goes by some 40.
        var options = new BatchTuning { MemoryBytes = before + (480 * Mebibyte), Headroom = 0, Most = 64 };
        var found = new BatchSizeTuner(memory, options).Find([64], (rows, length) => Hold(rows * length / 4, sampling: false));
        Assert.InRange(found[0].BatchSize, 22, 36);
    }

    static unsafe void Hold(int mebibytes, bool sampling)
    {
        var bytes = (nuint)(mebibytes * Mebibyte);
        var block = (byte*)NativeMemory.Alloc(bytes);
        try
        {
            // A page counts once it is written.
            for (nuint at = 0; at < bytes; at += 4096)
            {
                block[at] = 1;
            }

            if (sampling)
            {
                // The sampler must come by while the block is held.
                var page = Environment.SystemPageSize;
                for (var looks = 0; looks < 40; looks++)
                {
                    NativeMemory.Fill(block, bytes, 1);
                }
            }
        }
        finally
        {
            NativeMemory.Free(block);
        }
    }
}
