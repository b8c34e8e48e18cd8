using TorchSharp;
using Trainer.Training;
using Trainer.Training.Batches;

namespace Trainer.Tests.Training.Batches;

public sealed class BatchSizeTunerTests
{
    [Fact]
    public void Find_GivesTheLargestSizesThatFit_WithHeadroom()
    {
        var random = new SplitMix64(4);
        for (var round = 0; round < 200; round++)
        {
            var (fixedBytes, perToken, multiple, most) = (random.Below(1000), 1 + random.Below(9), 1 + random.Below(8), 8 + random.Below(500));
            var device = new Device(fixedBytes + 5000 + random.Below(100_000), (rows, length) => fixedBytes + (long)(rows * length * perToken));
            var options = new BatchTuning { Most = most, Multiple = multiple };
            int[] lengths = [8, 32, 128];
            var found = new BatchSizeTuner(device, options).Find(lengths, device.Step);
            Assert.Equal(lengths, found.Select(b => b.MaxLength));
            foreach (var (length, size) in found)
            {
                // By definition: the largest multiple, or the largest number where no multiple fits.
                var fitting = Enumerable.Range(1, most).Where(n => device.Bytes(n, length) <= (long)(device.Capacity * 0.92)).ToList();
                Assert.Equal(fitting.Where(n => n % multiple == 0).DefaultIfEmpty(fitting[^1]).Max(), size);
            }
        }
    }

    [Fact]
    public void Find_TakesMemoryThatRunsOut_AsTooMuch()
    {
        var device = new Device(1 << 30, (rows, length) => rows * length);
        var found = new BatchSizeTuner(device, new BatchTuning()).Find([16, 64], (rows, length) =>
        {
            device.Step(rows, length);
            if (rows * length > 3000)
            {
                throw new TorchOutOfMemoryException("3000 bytes are all there is.");
            }
        });
        Assert.Equal([new BucketSize(16, 187), new BucketSize(64, 46)], found);
    }

    [Fact]
    public void Find_RunsThreeSteps_AtFullLength_AndNoRecklessTrial()
    {
        var device = new Device(100_000, (rows, length) => rows * length);
        var log = new List<string>();
        var found = new BatchSizeTuner(device, new BatchTuning { Most = 60_000 }, log.Add).Find([10], device.Step);
        Assert.Equal(9200, found[0].BatchSize);
        Assert.All(device.Steps, s => Assert.Equal(10, s.Length));
        Assert.All(device.Steps.GroupBy(s => s.Rows), g => Assert.Equal(BatchSizeTuner.Steps, g.Count()));

        // Doubling would have gone to 16,384 rows, nearly twice what there is.
        Assert.True(device.Steps.Max(s => s.Rows) * 10 <= 92_000 * 1.25);
        Assert.Contains(log, l => l.Contains("not tried", StringComparison.Ordinal));
    }

    [Fact]
    public void Find_SaysWhatToDo_WhenNotEvenOneRowFits()
    {
        var device = new Device(1000, (rows, length) => rows * length);
        var error = Assert.Throws<TrainerException>(() => new BatchSizeTuner(device, new BatchTuning { MemoryBytes = 500 }).Find([64, 512], device.Step));
        Assert.Contains("One row of 512 tokens does not fit toy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_ReadsWhatAnEarlierRunFound()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("sizes-").FullName, "batch-sizes.json");
        var key = new TuningKey("toy", "model", "fp32", "negatives 1");
        var log = new List<string>();
        var device = new Device(20_000, (rows, length) => rows * length);
        var first = TunedSizes.Of(path, key, new BatchTuning(), 200, device, device.Step, log.Add);
        Assert.Equal([100, 200], first.Select(s => s.MaxLength));
        var again = TunedSizes.Of(path, key, new BatchTuning(), 200, device, (_, _) => Assert.Fail("It was found before."), log.Add);
        Assert.Equal(first, again);

        // Another model, or other lengths, is another search; what was found for the first stays.
        var steps = device.Steps.Count;
        TunedSizes.Of(path, key with { Model = "other" }, new BatchTuning(), 200, device, device.Step, log.Add);
        TunedSizes.Of(path, key with { Precision = "bf16" }, new BatchTuning { Lengths = [50] }, 200, device, device.Step, log.Add);
        Assert.True(device.Steps.Count > steps);
        Assert.Equal(first, BatchSizeFile.Find(path, key, [100, 200], log.Add));
        Assert.Null(BatchSizeFile.Find(path, key, [50, 100], log.Add));
    }

    /// <summary>A device whose steps need what a formula says.</summary>
    sealed class Device(long capacity, Func<int, int, long> bytes) : IMemoryProbe
    {
        long peak;

        public List<(int Rows, int Length)> Steps { get; } = [];

        string IMemoryProbe.Device => "toy";

        public long Capacity => capacity;

        public void Reset() => peak = 0;

        public long Peak() => peak;

        public long Bytes(int rows, int length) => bytes(rows, length);

        public void Step(int rows, int length)
        {
            Steps.Add((rows, length));
            peak = Math.Max(peak, bytes(rows, length));
        }
    }
}
