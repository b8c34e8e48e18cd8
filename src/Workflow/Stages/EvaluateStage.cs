using System.ComponentModel.DataAnnotations;
using System.Globalization;
using DataPrep;
using DataPrep.Shards;
using DataPrep.Tables;
using Trainer;
using Trainer.Encoders;
using Trainer.Encoders.Transformers;
using Trainer.Evaluation;
using Workflow.Jobs;

namespace Workflow.Stages;

/// <summary>Options of the evaluation stage.</summary>
public sealed record EvaluateOptions
{
    /// <summary>Folder with queries.jsonl and qrels.tsv (or qrels/test.tsv) in BEIR layout; left out, the pairs of <see cref="Split"/> are the collection.</summary>
    [FilePath]
    public string? Collection { get; init; }

    /// <summary>Split of the pairs that is reported where no collection is named.</summary>
    /// <value>Default: test.</value>
    [AllowedValues("test", "dev")]
    public string Split { get; init; } = "test";

    /// <summary>What of a document is searched.</summary>
    /// <value>Default: content.</value>
    public PassageText Passage { get; init; } = PassageText.Content;

    /// <summary>Systems, hybrid and intervals.</summary>
    public RetrievalOptions Retrieval { get; init; } = new();

    /// <summary>Of a model that a cascade trained, measures the cross-encoder beside it instead. A model that is a cross-encoder is measured as one without this.</summary>
    /// <value>Default: false.</value>
    public bool CrossEncoder { get; init; }

    /// <summary>How a cross-encoder is measured.</summary>
    public RerankOptions Rerank { get; init; } = new();
}

/// <summary>
/// A model measured on queries it never saw, with BM25 and a hybrid beside it; or a cross-encoder, which orders anew what BM25 (or a retriever) found, against the order before. Analyzer and hybrid weight are chosen on
/// dev pairs of the corpus, never on the reported queries.
/// </summary>
sealed class EvaluateStage : IStage
{
    const string QueriesFile = "queries.jsonl";
    const string Baseline = "baseline", Retriever = "retriever";
    const string QrelsFile = "qrels.tsv";

    public string Name => "evaluate";

    public string Version => "2";

    public Type OptionsType => typeof(EvaluateOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } =
        [new("model", ["model"]), new("documents", ["documents"]), new("pairs", ["pairs"]), new(Baseline, ["model"], Optional: true), new(Retriever, ["model"], Optional: true)];

    public IReadOnlyList<string> Outputs { get; } = ["scores"];

    public bool EnvironmentSensitive => true;

    public IReadOnlyList<ExternalFile> ExternalFiles(object options, PlanContext plan)
    {
        if (((EvaluateOptions)options).Collection is not { } collection)
        {
            return [];
        }

        var folder = Path.GetFullPath(collection, plan.Root);
        return
        [
            External(QueriesFile, Existing(Path.Combine(folder, "queries.jsonl"))),
            External(QrelsFile, BeirFolder.QrelsPath(folder)),
        ];

        ExternalFile External(string name, string path) => new(path, name, plan.Hash(path));
    }

    static string Existing(string path) => File.Exists(path) ? path : throw new WorkflowException($"{path} does not exist; expected the collection's queries in BEIR layout.");

    public Task RunAsync(StageContext context, CancellationToken cancellationToken)
    {
        var options = (EvaluateOptions)context.Options;
        var store = Composition.Tables(context);
        var documents = RowTables.Documents.Read(store, context.Paths("documents"), cancellationToken).ToList();
        var pairs = RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken).Where(p => p.Split != "train").ToList();
        var dev = RetrievalCollection.FromPairs(documents, options.Passage, pairs, "dev");
        var test = options.Collection is null ? RetrievalCollection.FromPairs(documents, options.Passage, pairs, options.Split) : Judged(context, options, documents);
        var files = context.Artifact("model")!.Files();
        var report = options.CrossEncoder || CrossEncoder.IsOne(files) ? Reranked(context, CrossEncoder.Within(files), test, dev, options, cancellationToken) : Searched(context, files, test, dev, options, cancellationToken);
        if (report.OverBaseline is { } over)
        {
            var at = report["model"].Trec.Metrics.ToList().IndexOf(new Metric(MetricKind.Ndcg, 10));
            var (was, change) = over[at];
            var other = report.Reranked is var (first, depth, _) ? $"the first {depth} of {(first == "bm25" ? "BM25" : "the retriever")} in the order before" : "the baseline";
            context.Log(string.Create(CultureInfo.InvariantCulture, $"nDCG@10 {was + change.Mean:0.0000}, of {other} {was:0.0000}: {change.Mean:+0.0000;-0.0000} [{change.Low:+0.0000;-0.0000}, {change.High:+0.0000;-0.0000}] over {report["model"].Trec.Queries.Count} queries; ")
                + (change.Low > 0 ? $"better than {other}." : change.High < 0 ? $"worse than {other}." : $"not told apart from {other}."));
        }

        context.Describe("scores", RetrievalFiles.Write(context.OutputFolder("scores"), report, store, cancellationToken));
        return Task.CompletedTask;
    }

    static RetrievalReport Searched(StageContext context, FileSet files, RetrievalCollection test, RetrievalCollection dev, EvaluateOptions options, CancellationToken cancellationToken)
    {
        if (context.Artifact(Retriever) is not null)
        {
            throw new WorkflowException("from: { retriever: ... } finds what a cross-encoder orders, and the model is none. Leave it out, or give it as the model.");
        }

        using var model = ModelFolder.Load(files);
        using var before = context.Artifact(Baseline) is { } baseline ? ModelFolder.Load(baseline.Files()) : null;
        return RetrievalEvaluation.Run(test, dev, model, options.Retrieval, context.Seed, context.Threads, before, context.Reporter(), cancellationToken);
    }

    static RetrievalReport Reranked(StageContext context, FileSet files, RetrievalCollection test, RetrievalCollection dev, EvaluateOptions options, CancellationToken cancellationToken)
    {
        if (context.Artifact(Baseline) is not null)
        {
            throw new WorkflowException("A cross-encoder is held against the order that it begins with: give the model that found it as from: { retriever: ... }, or nothing for BM25, and leave out baseline.");
        }

        using var model = CrossEncoder.Load(files);
        model.Precision = options.Rerank.Precision;
        using var retriever = context.Artifact(Retriever) is { } given ? ModelFolder.Load(given.Files()) : null;
        return RerankEvaluation.Run(
            test, dev, model, ModelFolder.LoadTokenizer(files), retriever, options.Retrieval, options.Rerank, context.Seed, context.Threads, context.Reporter(), cancellationToken);
    }

    static RetrievalCollection Judged(StageContext context, EvaluateOptions options, IEnumerable<Document> documents) => new(
        [.. documents.Select(d => new EvaluationDocument(d.DocId, PassageRendering.Of(d, options.Passage)))], BeirFolder.ReadQueries(context.PathOf(QueriesFile)), TrecFiles.ReadQrels(context.PathOf(QrelsFile)));
}
