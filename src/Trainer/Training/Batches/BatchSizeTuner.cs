using TorchSharp;

namespace Trainer.Training.Batches;

/// <summary>
/// Finds the largest batch of each length bucket that fits memory: steps at full padded length, doubled while they fit, then halved between what fits and what does not.
/// The longest bucket comes first; what fits it fits the shorter ones.
/// </summary>
/// <param name="probe">Measures memory.</param>
/// <param name="options">Budget, headroom, largest batch.</param>
/// <param name="log">Told of every trial.</param>
public sealed class BatchSizeTuner(IMemoryProbe probe, BatchTuning options, Action<string>? log = null)
{
    /// <summary>Steps of a trial: the optimizer's state is there from the first on, allocators settle by the third.</summary>
    public const int Steps = 3;

    // A machine that is asked for far more than it has may end the process instead of saying so: such a trial is not run.
    const double Reckless = 1.25;

    readonly long budget = (long)((options.MemoryBytes ?? probe.Capacity) * (1 - options.Headroom));

    /// <summary>Finds the sizes.</summary>
    /// <param name="lengths">Upper bounds of the buckets in tokens, rising.</param>
    /// <param name="step">Runs one training step on so many rows whose texts all have so many tokens, and leaves no tensor behind.</param>
    /// <param name="cancellationToken">Stops between trials.</param>
    /// <returns>A bucket for each length.</returns>
    /// <exception cref="TrainerException">Not even one row fits.</exception>
    public IReadOnlyList<BucketSize> Find(IReadOnlyList<int> lengths, Action<int, int> step, CancellationToken cancellationToken = default)
    {
        var found = new BucketSize[lengths.Count];
        var low = 0;
        for (var i = lengths.Count - 1; i >= 0; i--)
        {
            low = Largest(lengths[i], low, step, cancellationToken);
            found[i] = new BucketSize(lengths[i], low);
        }

        return found;
    }

    int Largest(int length, int low, Action<int, int> step, CancellationToken cancellationToken)
    {
        var trials = new SortedDictionary<int, long>();
        if (low == 0 && !Fits(low = 1))
        {
            throw new TrainerException(
                $"One row of {length} tokens does not fit {probe.Device}: {DeviceMemory.Text(budget)} may be used of {DeviceMemory.Text(options.MemoryBytes ?? probe.Capacity)} "
                + $"(batches.tuning.headroom {options.Headroom} stays free). Shorten query_length and passage_length, draw fewer negatives, use precision bf16, or give more memory.");
        }

        // Bounds in units, where a whole unit fits; else in rows.
        var unit = low >= options.Multiple || (options.Multiple <= options.Most && Fits(options.Multiple)) ? options.Multiple : 1;
        var (fits, most) = (Math.Max(1, low / unit), options.Most / unit);
        var fails = most + 1;
        for (var next = fits * 2; fits < most && fails > most; next = fits * 2)
        {
            next = Math.Min(next, most);
            (fits, fails) = Fits(next * unit) ? (next, fails) : (fits, next);
        }

        while (fails - fits > 1)
        {
            var middle = fits + ((fails - fits) / 2);
            (fits, fails) = Fits(middle * unit) ? (middle, fails) : (fits, middle);
        }

        return fits * unit;

        bool Fits(int rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var expected = Expected(trials, rows);
            if (expected > budget * Reckless)
            {
                log?.Invoke($"{rows} rows of {length} tokens would need some {DeviceMemory.Text(expected)} of {DeviceMemory.Text(budget)}: not tried.");
                return false;
            }

            var peak = Peak(rows, length, step);
            log?.Invoke(peak is { } bytes
                ? $"{rows} rows of {length} tokens need {DeviceMemory.Text(bytes)} of {DeviceMemory.Text(budget)}."
                : $"{rows} rows of {length} tokens do not fit {probe.Device}.");
            if (peak is { } needed)
            {
                trials[rows] = needed;
            }

            return peak <= budget;
        }
    }

    // Bytes grow evenly with rows: the line through the smallest and the largest trial. Below eight rows noise would lead it astray.
    static long Expected(SortedDictionary<int, long> trials, int rows)
    {
        if (trials.Count < 2 || trials.Keys.Last() < 8 || rows <= trials.Keys.Last())
        {
            return 0;
        }

        var ((few, less), (many, more)) = (trials.First(), trials.Last());
        return more + (long)((double)(more - less) / (many - few) * (rows - many));
    }

    long? Peak(int rows, int length, Action<int, int> step)
    {
        probe.Reset();
        try
        {
            for (var i = 0; i < Steps; i++)
            {
                using var scope = torch.NewDisposeScope();
                step(rows, length);
            }

            return probe.Peak();
        }
        catch (Exception error) when (error is TorchOutOfMemoryException or OutOfMemoryException)
        {
            return null;
        }
    }
}
