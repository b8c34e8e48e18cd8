using System.Runtime.InteropServices;
using DataPrep;
using DataPrep.Text;
using Trainer.Encoders;

namespace Trainer.Training;

/// <summary>
/// Training rows in memory: distinct texts tokenised once, and what must not be taken for a negative. Passages are of one relevance cluster when the corpus says so
/// (same duplicate cluster or document) or when their tokens are equal; a query's positives are those of every row with the same query text.
/// </summary>
public sealed class TrainingSet
{
    readonly int[] _cluster;
    readonly int[][] _positives;

    TrainingSet(IReadOnlyList<IndexedRow> rows, TokenStore queries, TokenStore passages, int[] cluster, int[][] positives, IReadOnlyList<RowSource> sources) =>
        (Rows, Queries, Passages, _cluster, _positives, Sources) = (rows, queries, passages, cluster, positives, sources);

    /// <summary>The rows, in the order given.</summary>
    public IReadOnlyList<IndexedRow> Rows { get; }

    /// <summary>Distinct query texts.</summary>
    public TokenStore Queries { get; }

    /// <summary>Distinct passages.</summary>
    public TokenStore Passages { get; }

    /// <summary>Where the rows come from, each once, in order of first appearance.</summary>
    public IReadOnlyList<RowSource> Sources { get; }

    /// <summary>Texts of <see cref="Queries"/> as they were read, without prompts; null unless they were kept. A guide with another tokenizer reads these.</summary>
    public IReadOnlyList<string>? QueryTexts { get; private init; }

    /// <summary>Texts of <see cref="Passages"/>, likewise.</summary>
    public IReadOnlyList<string>? PassageTexts { get; private init; }

    /// <summary>Builds the set.</summary>
    /// <param name="shards">Rows and the passages they point into, shard by shard.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="queryLength">Tokens kept of a query.</param>
    /// <param name="passageLength">Tokens kept of a passage.</param>
    /// <param name="threads">Threads for tokenising.</param>
    /// <param name="queryPrompt">Put before every query.</param>
    /// <param name="passagePrompt">Put before every passage.</param>
    /// <param name="specialTokens">Whether the encoder reads texts with special tokens.</param>
    /// <param name="scores">A teacher's scores, joined by query and document; null for none.</param>
    /// <param name="keepTexts">Keeps <see cref="QueryTexts"/> and <see cref="PassageTexts"/>.</param>
    /// <param name="cancellationToken">Stops between chunks.</param>
    /// <exception cref="TrainerException">A row points outside its shard's passages, or there is no row.</exception>
    public static TrainingSet Build(
        IEnumerable<(IReadOnlyList<TrainingRow> Rows, IReadOnlyList<ShardPassage> Passages)> shards, ITokenizer tokenizer, int queryLength, int passageLength, int threads,
        string queryPrompt = "", string passagePrompt = "", bool specialTokens = false,
        TeacherScores? scores = null, bool keepTexts = false, CancellationToken cancellationToken = default)
    {
        var queryTexts = new Distinct();
        var passageTexts = new Distinct();
        var clusters = new Dictionary<string, int>(StringComparer.Ordinal);
        var clusterOf = new List<int>();
        var rows = new List<IndexedRow>();
        var sources = new List<RowSource>();
        var sourceIndex = new Dictionary<RowSource, int>();
        foreach (var (shardRows, passages) in shards)
        {
            var local = passages.Select(p => AddPassage(p.DocId, p.Cluster, p.Text)).ToArray();
            foreach (var row in shardRows)
            {
                var positive = row.Positive is null
                    ? At(row.PositivePassage, row)
                    : AddPassage(row.DocId, passages[Within(row.PositivePassage, row)].Cluster, row.Positive);
                rows.Add(new IndexedRow(queryTexts.Add(queryPrompt + row.Query), positive, row.NegativePassages.Select(n => At(n, row)).ToArray())
                {
                    Source = AddSource(new RowSource(row.Source, row.Generator)),
                    Bucket = row.Bucket,
                    Scores = scores?.Of(row, passages),
                });
            }

            int At(long ordinal, TrainingRow row) => local[Within(ordinal, row)];

            int Within(long ordinal, TrainingRow row) => ordinal >= 0 && ordinal < passages.Count
                ? (int)ordinal
                : throw new TrainerException($"Row {row.Ordinal} (query '{row.QueryId}') points at passage {ordinal}; its shard has {passages.Count}. The shard is damaged: make it again.");
        }

        if (rows.Count == 0)
        {
            throw new TrainerException("The shards hold no training row; expected at least one. Check that pairs were generated for the split train.");
        }

        var queries = TokenStore.Tokenize(queryTexts.Texts, tokenizer, queryLength, specialTokens, threads, cancellationToken);
        var tokens = TokenStore.Tokenize(passageTexts.Texts, tokenizer, passageLength, specialTokens, threads, cancellationToken);
        var cluster = MergeEqual(tokens, clusterOf, clusters.Count);
        return new TrainingSet(rows, queries, tokens, cluster, PositivesByQuery(rows, MergedQueries(queries), cluster), sources)
        {
            QueryTexts = keepTexts ? queryTexts.Texts.ConvertAll(t => t[queryPrompt.Length..]) : null,
            PassageTexts = keepTexts ? passageTexts.Texts.ConvertAll(t => t[passagePrompt.Length..]) : null,
        };

        int AddSource(RowSource source)
        {
            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(sourceIndex, source, out var known);
            if (!known)
            {
                index = sources.Count;
                sources.Add(source);
            }

            return index;
        }

        int AddPassage(string docId, string clusterKey, string text)
        {
            var index = passageTexts.Add(passagePrompt + text, docId);
            if (index == clusterOf.Count)
            {
                var key = clusterKey.Length > 0 ? clusterKey : docId;
                clusterOf.Add(clusters.TryGetValue(key, out var known) ? known : clusters[key] = clusters.Count);
            }

            return index;
        }
    }

    /// <summary>
    /// Which candidates of a batch are no negatives of which query: the mask is true where candidate c is in a cluster of query r's positives, except at its own positive (r, r).
    /// </summary>
    /// <param name="queries">Query index of each row, (B).</param>
    /// <param name="candidates">Passage index of each candidate, (C), the rows' own positives first.</param>
    /// <returns>Row-major (B, C).</returns>
    public bool[] FalseNegatives(ReadOnlySpan<int> queries, ReadOnlySpan<int> candidates)
    {
        var columns = new Dictionary<int, List<int>>();
        for (var c = 0; c < candidates.Length; c++)
        {
            var list = CollectionsMarshal.GetValueRefOrAddDefault(columns, _cluster[candidates[c]], out _) ??= [];
            list.Add(c);
        }

        var mask = new bool[queries.Length * candidates.Length];
        for (var r = 0; r < queries.Length; r++)
        {
            foreach (var cluster in _positives[queries[r]])
            {
                foreach (var c in columns.GetValueOrDefault(cluster, []))
                {
                    mask[(r * candidates.Length) + c] = c != r;
                }
            }
        }

        return mask;
    }

    /// <summary>Relevance cluster of each passage.</summary>
    internal int[] Clusters => _cluster;

    /// <summary>Clusters of the positives of each query.</summary>
    internal int[][] Positives => _positives;

    /// <summary>A set that was built before.</summary>
    internal static TrainingSet From(
        IReadOnlyList<IndexedRow> rows, TokenStore queries, TokenStore passages, int[] cluster, int[][] positives, IReadOnlyList<RowSource> sources) =>
        new(rows, queries, passages, cluster, positives, sources);

    // Clusters that share a token sequence become one (union-find, smallest root wins).
    static int[] MergeEqual(TokenStore tokens, List<int> clusterOf, int clusters)
    {
        var parent = Enumerable.Range(0, clusters).ToArray();
        foreach (var (index, twin) in Twins(tokens))
        {
            var (a, b) = (Root(clusterOf[index]), Root(clusterOf[twin]));
            parent[Math.Max(a, b)] = Math.Min(a, b);
        }

        return clusterOf.Select(Root).ToArray();

        int Root(int node)
        {
            while (parent[node] != node)
            {
                node = parent[node] = parent[parent[node]];
            }

            return node;
        }
    }

    static int[] MergedQueries(TokenStore queries)
    {
        var first = Enumerable.Range(0, queries.Count).ToArray();
        foreach (var (index, twin) in Twins(queries))
        {
            first[index] = twin;
        }

        return first;
    }

    // Texts whose tokens equal those of an earlier one. Empty texts are left alone: they say nothing.
    static IEnumerable<(int Index, int Twin)> Twins(TokenStore tokens)
    {
        var seen = new Dictionary<int, int>(new ByTokens(tokens));
        for (var i = 0; i < tokens.Count; i++)
        {
            if (tokens[i].Length > 0 && !seen.TryAdd(i, i))
            {
                yield return (i, seen[i]);
            }
        }
    }

    static int[][] PositivesByQuery(List<IndexedRow> rows, int[] merged, int[] cluster)
    {
        var sets = new SortedSet<int>?[merged.Length];
        foreach (var row in rows)
        {
            (sets[merged[row.Query]] ??= []).Add(cluster[row.Positive]);
        }

        return merged.Select(first => sets[first]!.ToArray()).ToArray();
    }

    sealed class ByTokens(TokenStore tokens) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => tokens[x].SequenceEqual(tokens[y]);

        public int GetHashCode(int obj)
        {
            var hash = default(HashCode);
            hash.AddBytes(MemoryMarshal.AsBytes(tokens[obj]));
            return hash.ToHashCode();
        }
    }

    sealed class Distinct
    {
        readonly Dictionary<(string Text, string Key), int> _index = [];

        public List<string> Texts { get; } = [];

        public int Add(string text, string key = "")
        {
            ref var index = ref CollectionsMarshal.GetValueRefOrAddDefault(_index, (text, key), out var known);
            if (!known)
            {
                index = Texts.Count;
                Texts.Add(text);
            }

            return index;
        }
    }
}
