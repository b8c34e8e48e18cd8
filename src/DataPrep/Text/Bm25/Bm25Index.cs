using System.Collections.Concurrent;

namespace DataPrep.Text.Bm25;

/// <summary>
/// BM25 with eager scoring (Lù, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring", 2024): each posting holds its final score, a query adds postings up.
/// The formula is Lucene's: score = sum over the query's terms of idf * tf / (tf + k1 * (1 - b + b * dl / avgdl)), idf = ln(1 + (N - df + 0.5) / (df + 0.5)), with exact document
/// lengths; a term that occurs twice in the query counts twice. In memory, immutable, thread-safe.
/// </summary>
public sealed class Bm25Index
{
    readonly IAnalyzer analyzer;
    readonly SpanTable vocabulary;
    readonly int[] offsets;
    readonly int[] documents;
    readonly float[] scores;
    readonly ConcurrentBag<float[]> accumulators = [];

    internal Bm25Index(IAnalyzer analyzer, Bm25Options options, SpanTable vocabulary, int[] offsets, int[] documents, float[] scores, int documentCount)
    {
        this.analyzer = analyzer;
        this.vocabulary = vocabulary;
        this.offsets = offsets;
        this.documents = documents;
        this.scores = scores;
        Options = options;
        DocumentCount = documentCount;
    }

    /// <summary>The parameters the postings were scored with.</summary>
    public Bm25Options Options { get; }

    /// <summary>Number of documents N, empty ones included.</summary>
    public int DocumentCount { get; }

    /// <summary>Number of distinct terms.</summary>
    public int TermCount => vocabulary.Count;

    /// <summary>Number of postings; 8 bytes each.</summary>
    public int PostingCount => documents.Length;

    /// <summary>Builds the index of texts; document ordinals are their positions.</summary>
    /// <param name="texts">One text per document; a list or any sequence, read once.</param>
    /// <param name="analyzer">Text to terms, for documents and queries.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <param name="threads">Threads that analyze; results do not depend on it. Default 1.</param>
    /// <param name="progress">Documents indexed so far.</param>
    /// <param name="cancellationToken">Stops between chunks of documents.</param>
    public static Bm25Index Build(
        IEnumerable<string> texts, IAnalyzer analyzer, Bm25Options? options = null, int threads = 1, IProgress<StageProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        options ??= new Bm25Options();
        options.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var total = texts.TryGetNonEnumeratedCount(out var count) ? count : 0;
        return new Bm25Builder(analyzer, options, threads).Build(texts, total, progress, cancellationToken);
    }

    /// <summary>The <paramref name="k"/> best documents with a score above zero, by score descending, then ordinal ascending.</summary>
    public Hit[] Search(string query, int k)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        var accumulator = Rent();
        var hits = Search(QueryTerms(query), new TopK(Math.Min(k, DocumentCount)), accumulator, null, null);
        accumulators.Add(accumulator);
        return hits;
    }

    /// <summary><see cref="Search(string, int)"/> for many queries, in their order.</summary>
    public Hit[][] SearchAll(IReadOnlyList<string> queries, int k, int threads = 1, CancellationToken cancellationToken = default) =>
        SearchAll(queries, k, null, threads, cancellationToken).Hits;

    /// <summary>Searches many queries and scores given documents for each on the way.</summary>
    /// <param name="queries">The queries.</param>
    /// <param name="k">Hits per query.</param>
    /// <param name="wanted">Ordinals of the documents whose scores are wanted, per query; null for none.</param>
    /// <param name="threads">Threads; results do not depend on it.</param>
    /// <param name="cancellationToken">Stops between queries.</param>
    /// <returns>Per query the hits, and the scores of <paramref name="wanted"/> in its order (empty without it).</returns>
    public (Hit[][] Hits, float[][] WantedScores) SearchAll(IReadOnlyList<string> queries, int k, IReadOnlyList<int[]>? wanted, int threads, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        var hits = new Hit[queries.Count][];
        var wantedScores = new float[queries.Count][];
        Workers.For(
            queries.Count,
            threads,
            () => (Selection: new TopK(Math.Min(k, DocumentCount)), Accumulator: Rent()),
            (q, local) =>
            {
                var asked = wanted?[q] ?? [];
                wantedScores[q] = asked.Length == 0 ? [] : new float[asked.Length];
                hits[q] = Search(QueryTerms(queries[q]), local.Selection, local.Accumulator, asked, wantedScores[q]);
            },
            local => accumulators.Add(local.Accumulator),
            cancellationToken);
        return (hits, wantedScores);
    }

    /// <summary>Score of one document, equal to the one a search gives it; zero where no term matches.</summary>
    public float Score(string query, int document)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(document);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(document, DocumentCount);
        var score = 0f;
        foreach (var (term, weight) in QueryTerms(query))
        {
            var posting = Array.BinarySearch(documents, offsets[term], offsets[term + 1] - offsets[term], document);
            score += posting >= 0 ? weight * scores[posting] : 0;
        }

        return score;
    }

    Hit[] Search(List<(int Term, float Weight)> terms, TopK selection, float[] accumulator, int[]? wanted, float[]? wantedScores)
    {
        foreach (var (term, weight) in terms)
        {
            var (from, to) = (offsets[term], offsets[term + 1]);
            var termDocuments = documents.AsSpan(from, to - from);
            var termScores = scores.AsSpan(from, to - from);
            for (var i = 0; i < termDocuments.Length; i++)
            {
                accumulator[termDocuments[i]] += weight * termScores[i];
            }
        }

        for (var i = 0; i < (wanted?.Length ?? 0); i++)
        {
            wantedScores![i] = accumulator[wanted![i]];
        }

        if (terms.Count == 0 || DocumentCount == 0)
        {
            return [];
        }

        selection.Add(accumulator);
        Array.Clear(accumulator);
        return selection.Take();
    }

    // Distinct terms of the query that occur in the corpus, in order of first occurrence, with how often they occur.
    List<(int Term, float Weight)> QueryTerms(string query)
    {
        var words = new List<string>();
        analyzer.Analyze(query, words);
        var terms = new List<(int Term, float Weight)>(words.Count);
        foreach (var word in words)
        {
            var term = vocabulary.Find(word);
            if (term < 0)
            {
                continue;
            }

            var at = terms.FindIndex(pair => pair.Term == term);
            if (at < 0)
            {
                terms.Add((term, 1));
            }
            else
            {
                terms[at] = (term, terms[at].Weight + 1);
            }
        }

        return terms;
    }

    float[] Rent() => accumulators.TryTake(out var accumulator) ? accumulator : new float[DocumentCount];
}
