namespace DataPrep.Text;

/// <summary>Counts what tokenizers are trained on: words or segments of texts. Each thread has one of its own.</summary>
abstract class TextCounter
{
    const int BatchSize = 256;

    /// <summary>Counts what a text holds.</summary>
    protected abstract void Add(string text);

    /// <summary>Adds this thread's counts to those of all.</summary>
    protected abstract void MergeInto(Dictionary<string, long> merged);

    /// <summary>What occurs in the texts and how often, in ordinal order; the number of threads has no bearing on it.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="create">A counter for a thread.</param>
    /// <param name="threads">Threads that count.</param>
    /// <param name="progress">Documents counted.</param>
    /// <param name="cancellationToken">Stops between batches of texts.</param>
    public static List<(string Word, long Count)> Count(
        IEnumerable<string> texts, Func<TextCounter> create, int threads, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var total = texts.TryGetNonEnumeratedCount(out var known) ? known : 0;
        using var source = texts.GetEnumerator();
        var merged = new Dictionary<string, long>(StringComparer.Ordinal);
        var (done, ended) = (0L, false);
        Workers.For(threads, threads, Work, cancellationToken);
        var words = merged.Select(static entry => (entry.Key, entry.Value)).ToList();
        words.Sort(static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        return words;

        void Work(int worker)
        {
            var counter = create();
            var batch = new List<string>(BatchSize);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                batch.Clear();
                lock (source)
                {
                    while (!ended && batch.Count < BatchSize && !(ended = !source.MoveNext()))
                    {
                        batch.Add(source.Current);
                    }

                    done += batch.Count;
                    if (batch.Count > 0)
                    {
                        progress?.Report(new StageProgress(done, total, "documents", "counting words"));
                    }
                }

                if (batch.Count == 0)
                {
                    break;
                }

                batch.ForEach(counter.Add);
            }

            lock (source)
            {
                counter.MergeInto(merged);
            }
        }
    }
}
