using System.Runtime.InteropServices;

namespace DataPrep.Text.Bm25;

/// <summary>Counts terms in parallel over chunks of documents, then lays the postings out by term and document with their final scores.</summary>
sealed class Bm25Builder(IAnalyzer analyzer, Bm25Options options, int threads)
{
    const int ChunkDocuments = 256;

    readonly List<Chunk> chunks = [];

    public Bm25Index Build(IEnumerable<string> texts, long total, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var counters = CountTerms(texts, total, progress, cancellationToken);
        chunks.Sort(static (x, y) => x.Number.CompareTo(y.Number));

        // Numbers of terms follow counters, so they differ from run to run with several threads; scores add up in query order and do not depend on them.
        var vocabulary = new SpanTable();
        var globals = counters.ConvertAll(counter => Merge(counter.Terms, vocabulary));
        var lengths = new List<int>();
        var frequencies = new int[vocabulary.Count];
        foreach (var chunk in chunks)
        {
            chunk.FirstDocument = lengths.Count;
            lengths.AddRange(chunk.Lengths);
            var global = globals[chunk.Counter];
            foreach (var term in CollectionsMarshal.AsSpan(chunk.Terms))
            {
                frequencies[global[term]]++;
            }
        }

        var offsets = new int[vocabulary.Count + 1];
        for (var term = 0; term < frequencies.Length; term++)
        {
            var next = (long)offsets[term] + frequencies[term];
            offsets[term + 1] = next <= Array.MaxLength
                ? (int)next
                : throw new DataPrepException($"The BM25 index would hold more than {Array.MaxLength} postings after {lengths.Count} documents. Index the corpus in several parts.");
        }

        var postings = Place(globals, lengths, frequencies, offsets, cancellationToken);
        return new Bm25Index(analyzer, options, vocabulary, offsets, postings.Documents, postings.Scores, lengths.Count);
    }

    List<TermCounter> CountTerms(IEnumerable<string> texts, long total, IProgress<StageProgress>? progress, CancellationToken cancellationToken)
    {
        var counters = Enumerable.Range(0, threads).Select(_ => new TermCounter(analyzer)).ToList();
        using var source = texts.GetEnumerator();
        var started = 0;
        var done = 0L;
        var ended = false;
        void Work(int worker)
        {
            var batch = new List<string>(ChunkDocuments);
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                batch.Clear();
                Chunk chunk;
                lock (source)
                {
                    while (!ended && batch.Count < ChunkDocuments && !(ended = !source.MoveNext()))
                    {
                        batch.Add(source.Current);
                    }

                    if (batch.Count == 0)
                    {
                        return;
                    }

                    chunk = new Chunk(started++, worker);
                }

                foreach (var text in batch)
                {
                    chunk.Lengths.Add(counters[worker].Count(text, chunk.Terms, chunk.Frequencies));
                    chunk.Ends.Add(chunk.Terms.Count);
                }

                lock (source)
                {
                    chunks.Add(chunk);
                    done += batch.Count;
                    progress?.Report(new StageProgress(done, total, "documents", "indexing"));
                }
            }
        }

        Workers.For(threads, threads, Work, cancellationToken);
        return counters;
    }

    static int[] Merge(SpanTable local, SpanTable vocabulary)
    {
        var numbers = new int[local.Count];
        for (var i = 0; i < numbers.Length; i++)
        {
            numbers[i] = vocabulary.GetOrAdd(local[i]);
        }

        return numbers;
    }

    (int[] Documents, float[] Scores) Place(List<int[]> globals, List<int> lengths, int[] frequencies, int[] offsets, CancellationToken cancellationToken)
    {
        var average = lengths.Count == 0 ? 0 : lengths.Sum(static length => (double)length) / lengths.Count;
        var idf = Array.ConvertAll(frequencies, df => Math.Log(1 + ((lengths.Count - df + 0.5) / (df + 0.5))));
        var documents = new int[offsets[^1]];
        var scores = new float[offsets[^1]];
        var next = offsets.AsSpan(0, offsets.Length - 1).ToArray();
        foreach (var chunk in chunks)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var global = globals[chunk.Counter];
            var from = 0;
            for (var d = 0; d < chunk.Lengths.Count; d++)
            {
                // A document that has a posting makes the average positive.
                var norm = options.K1 * (1 - options.B + (options.B * chunk.Lengths[d] / average));
                for (; from < chunk.Ends[d]; from++)
                {
                    var term = global[chunk.Terms[from]];
                    var posting = next[term]++;
                    documents[posting] = chunk.FirstDocument + d;
                    scores[posting] = (float)(idf[term] * chunk.Frequencies[from] / (chunk.Frequencies[from] + norm));
                }
            }
        }

        return (documents, scores);
    }

    sealed class Chunk(int number, int counter)
    {
        public int Number => number;

        public int Counter => counter;

        public int FirstDocument { get; set; }

        public List<int> Lengths { get; } = new(ChunkDocuments);

        /// <summary>End of each document in <see cref="Terms"/>.</summary>
        public List<int> Ends { get; } = new(ChunkDocuments);

        public List<int> Terms { get; } = [];

        public List<int> Frequencies { get; } = [];
    }
}
