namespace DataPrep.Text.Unigram;

/// <summary>How often each marked segment of normalized text occurs in texts.</summary>
static class SegmentCounts
{
    const int BatchSize = 256;

    /// <summary>Segments and counts, by segment in ordinal order.</summary>
    /// <param name="texts">The texts, read once.</param>
    /// <param name="model">Normalizers and mark.</param>
    /// <param name="threads">Threads that count; the result does not depend on it.</param>
    /// <param name="progress">Documents counted.</param>
    /// <param name="cancellationToken">Stops between batches of texts.</param>
    public static List<(string Segment, long Count)> Count(
        IEnumerable<string> texts, UnigramModel model, int threads, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var total = texts.TryGetNonEnumeratedCount(out var known) ? known : 0;
        using var source = texts.GetEnumerator();
        var merged = new Dictionary<string, long>(StringComparer.Ordinal);
        var done = 0L;
        var ended = false;
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

        Workers.For(threads, threads, Work, cancellationToken);
        var segments = merged.Select(static entry => (entry.Key, entry.Value)).ToList();
        segments.Sort(static (x, y) => string.CompareOrdinal(x.Key, y.Key));
        return segments;
    }

    sealed class Counter(UnigramModel model)
    {
        readonly NormalizedText normalized = new(model.Normalizers);
        readonly MarkScanner scanner = new(model.Mark);
        readonly SpanTable segments = new();
        readonly List<long> counts = [];

        public void Add(string text)
        {
            var buffer = normalized.Of(WellFormed.Of(text)).WithHead;
            if (buffer.Length < 2)
            {
                return;
            }

            buffer.Replace(' ', model.Mark);
            buffer[0] = model.Mark;
            for (var rest = (ReadOnlySpan<char>)(buffer[1] == model.Mark ? buffer[1..] : buffer); !rest.IsEmpty;)
            {
                var count = scanner.Scan(rest, out var scanned);
                for (var i = 0; i < count; i++)
                {
                    var number = segments.GetOrAdd(rest[scanner.Bounds[i]..scanner.Bounds[i + 1]]);
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
            for (var number = 0; number < segments.Count; number++)
            {
                var segment = new string(segments[number]);
                merged[segment] = merged.GetValueOrDefault(segment) + counts[number];
            }
        }
    }
}
