namespace DataPrep.Text.Bpe;

/// <summary>How often each word occurs in texts.</summary>
static class BpeWordCounts
{
    const int BatchSize = 256;

    /// <summary>Words and counts, by word in ordinal order.</summary>
    public static List<(string Word, long Count)> Count(IEnumerable<string> texts, BpeModel model, int threads, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
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
            var counter = new Counter(model);
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

    sealed class Counter(BpeModel model) : WordReader(model)
    {
        readonly SpanTable words = new();
        readonly List<long> counts = [];

        protected override bool IsFull => false;

        public void Add(string text) => Words(Normalize(WellFormed.Of(text)), true);

        public void MergeInto(Dictionary<string, long> merged)
        {
            for (var number = 0; number < words.Count; number++)
            {
                var word = new string(words[number]);
                merged[word] = merged.GetValueOrDefault(word) + counts[number];
            }
        }

        protected override void Word(ReadOnlySpan<char> word)
        {
            var number = words.GetOrAdd(word);
            if (number == counts.Count)
            {
                counts.Add(0);
            }

            counts[number]++;
        }
    }
}
