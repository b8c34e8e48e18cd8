namespace Trainer.Training;

/// <summary>Where training rows come from.</summary>
/// <param name="File">Source file of the positive document, relative to its root, with forward slashes.</param>
/// <param name="Generator">What made the pair: title, lead, crop, qrels.</param>
public sealed record RowSource(string File, string Generator);
