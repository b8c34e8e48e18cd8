using Trainer.Evaluation;

namespace Trainer.Training.Watching;

/// <summary>A collection that a training is measured on while it runs.</summary>
/// <param name="Name">Stem of its series: <c>nfcorpus</c> gives <c>nfcorpus_ndcg@10</c>, <c>nfcorpus_recall@100</c> and <c>nfcorpus_mrr@10</c>.</param>
/// <param name="Collection">Documents, queries, judgments.</param>
/// <param name="Kind">What its queries look like.</param>
public sealed record WatchCollection(string Name, RetrievalCollection Collection, TaskKind Kind = TaskKind.QueryDocument)
{
    /// <summary>Whether its queries and first relevant documents are the held-out pairs whose loss is taken, as <c>NAME_loss</c>.</summary>
    public bool HeldOut { get; init; }
}
