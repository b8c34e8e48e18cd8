namespace Trainer.Evaluation;

/// <summary>A document as it is searched.</summary>
/// <param name="DocId">Its id.</param>
/// <param name="Text">The text that is indexed and encoded.</param>
public sealed record EvaluationDocument(string DocId, string Text);
