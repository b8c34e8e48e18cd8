namespace DataPrep.Text.WordPiece;

/// <summary>How often each normalized word occurs in texts.</summary>
static class WordCounts
{
    const int BatchSize = 256;

    /// <summary>Words and counts, by word in ordinal order.</summary>
    public static List<(string Word, long Count)> Count(
        IEnumerable<string> texts, WordPieceSettings settings, int threads, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var total = texts.TryGetNonEnumeratedCount(out var known) ? known : 0;
        using var source = texts.GetEnumerator();
        var merged = new Dictionary<string, long>(StringComparer.Ordinal);
        var done = 0L;
        var ended = false;
        void Work(int worker)
        {
            var counter = new Counter(settings);
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

        Workers.For(threads, threads, Work, cancellationToken);
        var words = merged.Select(static entry => (entry.Key, entry.Value)).ToList();
        words.Sort(static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        return words;
    }

    /// <summary>Counts chunks first: their words are found once per distinct chunk.</summary>
    sealed class Counter(WordPieceSettings settings)
    {
        readonly ChunkScanner scanner = new(settings);
        readonly WordPieceWords words = new(settings);
        readonly SpanTable chunks = new();
        readonly List<long> counts = [];

        public void Add(string text)
        {
            for (var rest = text.AsSpan(); !rest.IsEmpty;)
            {
                var count = scanner.Scan(rest, out var scanned);
                for (var i = 0; i < count; i++)
                {
                    var number = chunks.GetOrAdd(rest[scanner.Starts[i]..scanner.Ends[i]]);
                    if (number == counts.Count)
                    {
                        counts.Add(0);
                    }

                    counts[number]++;
                }

                rest = rest[scanned..];
            }
        }

        public void MergeInto(Dictionary<string, long> merged)
        {
            for (var number = 0; number < chunks.Count; number++)
            {
                var normalized = words.Normalize(chunks[number]);
                foreach (var range in normalized.Split(' '))
                {
                    if (normalized[range].Length > 0)
                    {
                        var word = new string(normalized[range]);
                        merged[word] = merged.GetValueOrDefault(word) + counts[number];
                    }
                }
            }
        }
    }
}
