namespace Trainer.Evaluation;

/// <summary>A document in a result list.</summary>
/// <param name="DocId">The document.</param>
/// <param name="Score">Its score; higher is better. Never NaN.</param>
public readonly record struct ScoredDocument(string DocId, double Score);
