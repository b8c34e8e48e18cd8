using System.ComponentModel.DataAnnotations;
using DataPrep.Readers;
using DataPrep.Shards;
using Trainer.Evaluation;
using Trainer.Training.Watching;
using Workflow.Jobs;

namespace Workflow.Stages;

/// <summary>A collection in BEIR layout that a model is measured on while it is trained: corpus.jsonl (or .gz), queries.jsonl, qrels.tsv (or qrels/test.tsv).</summary>
public sealed record WatchedFolder
{
    const string Queries = "queries.jsonl";

    /// <summary>Stem of its series: <c>nfcorpus</c> gives <c>nfcorpus_ndcg@10</c> and others.</summary>
    [RegularExpression("[a-z][a-z0-9_-]{0,39}")]
    public required string Name { get; init; }

    /// <summary>Folder of the collection.</summary>
    [FilePath]
    public required string Folder { get; init; }

    /// <summary>What of a document is searched.</summary>
    /// <value>Default: title_content.</value>
    public PassageText Passage { get; init; } = PassageText.TitleContent;

    /// <summary>What its queries look like: a training on titles that is measured with queries is told so.</summary>
    /// <value>Default: query_document.</value>
    public TaskKind Kind { get; init; } = TaskKind.QueryDocument;

    /// <summary>Its files, hashed.</summary>
    internal IEnumerable<ExternalFile> Files(PlanContext plan)
    {
        var folder = Path.GetFullPath(Folder, plan.Root);
        string[] corpora = [Path.Combine(folder, "corpus.jsonl"), Path.Combine(folder, "corpus.jsonl.gz")];
        var corpus = corpora.FirstOrDefault(File.Exists) ?? throw new WorkflowException($"{folder} has neither corpus.jsonl nor corpus.jsonl.gz; expected a collection in BEIR layout.");
        foreach (var (path, name) in new[] { (corpus, Path.GetFileName(corpus)), (Path.Combine(folder, Queries), Queries), (BeirFolder.QrelsPath(folder), "qrels.tsv") })
        {
            yield return File.Exists(path) ? new ExternalFile(path, $"{Name}/{name}", plan.Hash(path)) : throw new WorkflowException($"{path} does not exist; expected a collection in BEIR layout.");
        }
    }

    /// <summary>Reads the collection.</summary>
    internal WatchCollection Read(StageContext context, CancellationToken cancellationToken)
    {
        var corpus = context.Files.First(f => f.Name.StartsWith($"{Name}/corpus.", StringComparison.Ordinal));
        var documents = new BeirReader().Read(new CorpusFile(corpus.Path, corpus.Name, corpus.Hash), new ReaderOptions(), cancellationToken)
            .Where(r => r.Document is not null)
            .Select(r => new EvaluationDocument(r.Document!.Id, Passage == PassageText.TitleContent && r.Document.Title.Length > 0 ? $"{r.Document.Title} {r.Document.Content}".TrimEnd() : r.Document.Content)).ToList();
        return new WatchCollection(Name, new RetrievalCollection(documents, BeirFolder.ReadQueries(context.PathOf($"{Name}/{Queries}")), TrecFiles.ReadQrels(context.PathOf($"{Name}/qrels.tsv"))), Kind);
    }
}
