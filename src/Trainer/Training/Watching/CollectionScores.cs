namespace Trainer.Training.Watching;

/// <summary>What a collection says of a model (profile trec, every judged query counted).</summary>
/// <param name="Ndcg">nDCG@10.</param>
/// <param name="Recall">Recall@100.</param>
/// <param name="Mrr">Reciprocal rank of the first relevant document among ten.</param>
/// <param name="Loss">Loss of the held-out pairs; null where not asked for.</param>
public sealed record CollectionScores(double Ndcg, double Recall, double Mrr, double? Loss);
