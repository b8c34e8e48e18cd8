using DataPrep;
using DataPrep.Mining;
using DataPrep.Shards;
using DataPrep.Tables;
using DataPrep.Text.Analysis;
using DataPrep.Text.Bm25;

namespace Workflow.Stages;

/// <summary>Who ranks the candidates.</summary>
public enum GuideKind
{
    /// <summary>The BM25 index.</summary>
    Bm25,

    /// <summary>The embeddings given as input.</summary>
    Dense,
}

/// <summary>Options of the mining stage.</summary>
public sealed record MineStageOptions
{
    /// <summary>Who ranks the candidates: <c>bm25</c>, or <c>dense</c> with <c>from: {embeddings: ...}</c>.</summary>
    /// <value>Default: bm25.</value>
    public GuideKind Guide { get; init; } = GuideKind.Bm25;

    /// <summary>Which candidates become negatives.</summary>
    public MiningOptions Mining { get; init; } = new();

    /// <summary>Analyzer of the BM25 guide: standard, english, cjk or code.</summary>
    /// <value>Default: english.</value>
    public string Analyzer { get; init; } = "english";

    /// <summary>Parameters of BM25.</summary>
    public Bm25Options Bm25 { get; init; } = new();

    /// <summary>What of a document the BM25 guide indexes.</summary>
    /// <value>Default: content.</value>
    public PassageText Passage { get; init; } = PassageText.Content;

    /// <summary>
    /// With a dense guide: publishes each query's candidates, and goes on from those of the last run: queries are compared with new documents alone, and only those whose neighbours changed are mined anew.
    /// The negatives are the same bytes either way. BM25's statistics change with every document, so a BM25 guide is always mined in full.
    /// </summary>
    /// <value>Default: false.</value>
    public bool Incremental { get; init; }

    /// <summary>Pair generators mined for.</summary>
    /// <value>Default: all.</value>
    public IReadOnlyList<string> Generators { get; init; } = [];
}

/// <summary>Pairs to hard negatives, with a report of what was kept, dropped and doubtful.</summary>
sealed class MineStage : IStage
{
    const string CountersFile = "counters.json";
    const string Candidates = "candidates";
    const string CorpusFile = "corpus.parquet";
    const string Lists = "lists-";

    /// <summary>File of the mining report.</summary>
    internal const string MiningFile = "mining.json";

    public string Name => "mine";

    public string Version => "2";

    public Type OptionsType => typeof(MineStageOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("pairs", ["pairs"]), new("documents", ["documents"]), new("embeddings", ["embeddings"], Optional: true)];

    public IReadOnlyList<string> Outputs { get; } = ["mined", "mining", Candidates];

    public IReadOnlyList<string> TakesOver(StagePartition? partition) => partition is null ? [] : [Candidates];

    public IReadOnlyList<StagePartition> Partition(object options, PlanContext plan) => StagePartitions.Count(((MineStageOptions)options).Mining.Partitions);

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (MineStageOptions)context.Options;
        var store = Composition.Tables(context);
        var pairs = RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken).ToList();
        var documents = MiningCorpus.WithoutHeldOut(RowTables.Documents.Read(store, context.Paths("documents"), cancellationToken), pairs);
        var corpus = new MiningCorpus(documents);
        if (context.Partition is { } partition)
        {
            var part = StagePartitions.Index(partition);
            var wanted = options.Generators.Count == 0 ? pairs : pairs.FindAll(p => options.Generators.Contains(p.Generator));
            var guide = Guide(context, options, store, documents, wanted, cancellationToken);
            var history = guide as IncrementalGuide;
            var mined = HardNegativeMiner.Run(wanted, corpus, guide, options.Mining, part, context.Seed, context.Reporter(), cancellationToken);
            context.Describe("mined", RowTables.Negatives.Write(store, Path.Combine(context.OutputFolder("mined"), $"negatives-{part:D5}.parquet"), mined.Negatives, cancellationToken));
            context.Meta("mined", "guide", guide.Digest);
            context.WriteJson("mining", CountersFile, mined.Counters);
            if (history is not null)
            {
                Publish(context, store, history, part, cancellationToken);
            }

            return Task.CompletedTask;
        }

        context.IncludePartitions("mined");
        context.IncludePartitions(Candidates);
        var negatives = RowTables.Negatives.Read(store, [.. context.Partitions.SelectMany(p => p["mined"].Paths)], cancellationToken).ToList();
        var counters = context.Partitions.Select(p => p["mining"].ReadJson<MiningCounters>(CountersFile)).Aggregate((a, b) => a + b);
        var digest = context.Partitions[0]["mined"].Manifest.Meta["guide"];
        context.WriteJson("mining", MiningFile, MiningReport.Of(negatives, counters, corpus, options.Mining, digest));
        context.Meta("mined", "guide", digest);
        return Task.CompletedTask;
    }

    static void Publish(StageContext context, ITableStore store, IncrementalGuide guide, int part, CancellationToken cancellationToken)
    {
        var folder = context.OutputFolder(Candidates);
        context.Describe(Candidates, CandidateList.Table.Write(store, Path.Combine(folder, $"{Lists}{part:D5}.parquet"), guide.Lists, cancellationToken));
        if (part == 0)
        {
            context.Describe(Candidates, RankedDocument.Table.Write(store, Path.Combine(folder, CorpusFile), guide.Documents, cancellationToken));
        }

        var counts = guide.Counts;
        context.CountReuse("queries mined anew", counts.Queries, counts.Anew);
        context.Log($"queries: {counts.Searched} searched over all {guide.DocumentCount} documents, {counts.Merged} with a new document among their neighbours, {counts.Kept} with the neighbours of the last run; documents: {guide.FreshDocuments} new to it");
    }

    static CandidateHistory? History(StageContext context, ITableStore store, CancellationToken cancellationToken) =>
        context.Previous?.Slots.GetValueOrDefault(Candidates) is not { Manifest.Members.Count: > 0 } last ? null : new CandidateHistory(
            [.. RankedDocument.Table.Read(store, last.PathOf(CorpusFile), cancellationToken)],
            last.Manifest.Members.Where(m => m.Name.StartsWith(Lists, StringComparison.Ordinal)).SelectMany(m => CandidateList.Table.Read(store, last.PathOf(m.Name), cancellationToken)));

    static INegativeGuide Guide(StageContext context, MineStageOptions options, ITableStore store, IReadOnlyList<Document> documents, IReadOnlyList<Pair> pairs, CancellationToken cancellationToken)
    {
        if (options.Guide == GuideKind.Bm25)
        {
            if (options.Incremental)
            {
                context.Log("the guide is BM25: mined in full, for its statistics change with every document");
            }

            return Bm25Guide.Build(documents, AnalyzerTable.Create(options.Analyzer), options.Bm25, options.Passage, context.Threads, context.Reporter(), cancellationToken);
        }

        var embeddings = context.Artifact("embeddings")
            ?? throw new WorkflowException("The guide is dense, but no embeddings are given. Add `from: {embeddings: <an encode stage>}`, or take `guide: bm25`.");
        var queries = pairs.Where(p => p.Split == "train").Select(p => p.QueryId).Distinct();
        var dense = new DenseGuide(Matrix("documents.parquet", documents.Select(d => d.DocId)), Matrix("queries.parquet", queries), embeddings.Id, context.Threads);
        return options.Incremental ? new IncrementalGuide(dense, History(context, store, cancellationToken), context.Threads) : dense;

        EmbeddingMatrix Matrix(string file, IEnumerable<string> ids) => EmbeddingMatrix.Of(RowTables.Embeddings.Read(store, embeddings.PathOf(file), cancellationToken), ids);
    }
}
