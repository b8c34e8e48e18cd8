using System.ComponentModel.DataAnnotations;
using System.Globalization;
using DataPrep;
using DataPrep.Shards;
using DataPrep.Tables;
using Trainer.Encoders;
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
}

/// <summary>A model measured on queries it never saw, with BM25 and a hybrid beside it. Analyzer and hybrid weight are chosen on dev pairs of the corpus, never on the reported queries.</summary>
sealed class EvaluateStage : IStage
{
    const string QueriesFile = "queries.jsonl";
    const string Baseline = "baseline";
    const string QrelsFile = "qrels.tsv";

    public string Name => "evaluate";

    public string Version => "2";

    public Type OptionsType => typeof(EvaluateOptions);

    public IReadOnlyList<InputSlot> Inputs { get; } = [new("model", ["model"]), new("documents", ["documents"]), new("pairs", ["pairs"]), new(Baseline, ["model"], Optional: true)];

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
        using var model = ModelFolder.Load(context.Artifact("model")!.Files());
        using var before = context.Artifact(Baseline) is { } baseline ? ModelFolder.Load(baseline.Files()) : null;
        var report = RetrievalEvaluation.Run(test, dev, model, options.Retrieval, context.Seed, context.Threads, before, context.Reporter(), cancellationToken);
        if (report.OverBaseline is { } over)
        {
            var at = report["model"].Trec.Metrics.ToList().IndexOf(new Metric(MetricKind.Ndcg, 10));
            var (was, change) = over[at];
            context.Log(string.Create(CultureInfo.InvariantCulture, $"nDCG@10 {was + change.Mean:0.0000}, of the baseline {was:0.0000}: {change.Mean:+0.0000;-0.0000} [{change.Low:+0.0000;-0.0000}, {change.High:+0.0000;-0.0000}] over {report["model"].Trec.Queries.Count} queries; ")
                + (change.Low > 0 ? "better than the baseline." : change.High < 0 ? "worse than the baseline." : "not told apart from the baseline."));
        }

        context.Describe("scores", RetrievalFiles.Write(context.OutputFolder("scores"), report, store, cancellationToken));
        return Task.CompletedTask;
    }

    static RetrievalCollection Judged(StageContext context, EvaluateOptions options, IEnumerable<Document> documents) => new(
        [.. documents.Select(d => new EvaluationDocument(d.DocId, PassageRendering.Of(d, options.Passage)))], BeirFolder.ReadQueries(context.PathOf(QueriesFile)), TrecFiles.ReadQrels(context.PathOf(QrelsFile)));
}
