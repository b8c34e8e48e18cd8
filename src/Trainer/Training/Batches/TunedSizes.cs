namespace Trainer.Training.Batches;

/// <summary>The table auto: sizes that were kept for this device and model, or found now and kept.</summary>
public static class TunedSizes
{
    /// <summary>Gives the sizes.</summary>
    /// <param name="path">File of kept sizes (<see cref="BatchSizeFile"/>).</param>
    /// <param name="key">What they are for.</param>
    /// <param name="options">How they are found.</param>
    /// <param name="longest">Tokens of the longest text.</param>
    /// <param name="probe">Measures memory.</param>
    /// <param name="step">Runs one training step on so many rows of so many tokens.</param>
    /// <param name="log">Told of kept sizes, trials and what was found.</param>
    /// <param name="cancellationToken">Stops between trials.</param>
    /// <exception cref="TrainerException">Not even one row fits.</exception>
    public static IReadOnlyList<BucketSize> Of(
        string path, TuningKey key, BatchTuning options, int longest, IMemoryProbe probe, Action<int, int> step, Action<string> log, CancellationToken cancellationToken = default)
    {
        IReadOnlyList<int> lengths = options.Lengths.Count > 0 ? options.Lengths : Halves(longest);
        for (var i = 0; i < lengths.Count; i++)
        {
            if (lengths[i] <= (i == 0 ? 0 : lengths[i - 1]))
            {
                throw new TrainerException($"batches.tuning.lengths[{i}] is {lengths[i]}; expected lengths that rise from 1.");
            }
        }

        if (BatchSizeFile.Find(path, key, lengths, log) is { } kept)
        {
            log($"Batch sizes kept for {key.Device}: {Text(kept)}.");
            return kept;
        }

        var found = new BatchSizeTuner(probe, options, log).Find(lengths, step, cancellationToken);
        BatchSizeFile.Store(path, key, found, log);
        log($"Batch sizes found for {key.Device}: {Text(found)}.");
        return found;
    }

    /// <summary>Lengths halved from the longest down to 64, rising.</summary>
    public static IReadOnlyList<int> Halves(int longest)
    {
        var lengths = new List<int>();
        for (var length = longest; length >= 64 || lengths.Count == 0; length = (length + 1) / 2)
        {
            lengths.Insert(0, length);
        }

        return lengths;
    }

    static string Text(IEnumerable<BucketSize> sizes) => string.Join(", ", sizes.Select(s => $"{s.BatchSize} rows up to {s.MaxLength} tokens"));
}
