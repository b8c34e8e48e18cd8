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

    /// <summary>Pair generators mined for.</summary>
    /// <value>Default: all.</value>
    public IReadOnlyList<string> Generators { get; init; } = [];
}

/// <summary>Pairs to hard negatives, with a report of what was kept, dropped and doubtful.</summary>
sealed class MineStage : IStage
{
    const string CountersFile = "counters.json";

    /// <summary>File of the mining report.</summary>
    internal const string MiningFile = "mining.json";

    public string Name => "mine";

    public string Version => "1";

    public Type OptionsType => typeof(MineStageOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("pairs", ["pairs"]), new("documents", ["documents"]), new("embeddings", ["embeddings"], Optional: true)];

    public IReadOnlyList<string> Outputs { get; } = ["mined", "mining"];

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
            var mined = HardNegativeMiner.Run(wanted, corpus, guide, options.Mining, part, context.Seed, context.Reporter(), cancellationToken);
            context.Describe("mined", RowTables.Negatives.Write(store, Path.Combine(context.OutputFolder("mined"), $"negatives-{part:D5}.parquet"), mined.Negatives, cancellationToken));
            context.Meta("mined", "guide", guide.Digest);
            context.WriteJson("mining", CountersFile, mined.Counters);
            return Task.CompletedTask;
        }

        context.IncludePartitions("mined");
        var negatives = RowTables.Negatives.Read(store, [.. context.Partitions.SelectMany(p => p["mined"].Paths)], cancellationToken).ToList();
        var counters = context.Partitions.Select(p => p["mining"].ReadJson<MiningCounters>(CountersFile)).Aggregate((a, b) => a + b);
        var digest = context.Partitions[0]["mined"].Manifest.Meta["guide"];
        context.WriteJson("mining", MiningFile, MiningReport.Of(negatives, counters, corpus, options.Mining, digest));
        context.Meta("mined", "guide", digest);
        return Task.CompletedTask;
    }

    static INegativeGuide Guide(StageContext context, MineStageOptions options, ITableStore store, IReadOnlyList<Document> documents, IReadOnlyList<Pair> pairs, CancellationToken cancellationToken)
    {
        if (options.Guide == GuideKind.Bm25)
        {
            return Bm25Guide.Build(documents, AnalyzerTable.Create(options.Analyzer), options.Bm25, options.Passage, context.Threads, context.Reporter(), cancellationToken);
        }

        var embeddings = context.Artifact("embeddings")
            ?? throw new WorkflowException("The guide is dense, but no embeddings are given. Add `from: {embeddings: <an encode stage>}`, or take `guide: bm25`.");
        var queries = pairs.Where(p => p.Split == "train").Select(p => p.QueryId).Distinct();
        return new DenseGuide(Matrix("documents.parquet", documents.Select(d => d.DocId)), Matrix("queries.parquet", queries), embeddings.Id, context.Threads);

        EmbeddingMatrix Matrix(string file, IEnumerable<string> ids) => EmbeddingMatrix.Of(RowTables.Embeddings.Read(store, embeddings.PathOf(file), cancellationToken), ids);
    }
}
