namespace Trainer.Export;

/// <summary>A metric on a model card.</summary>
/// <param name="Name">Its name: <c>ndcg@10</c>.</param>
/// <param name="Mean">Mean over queries.</param>
/// <param name="Low">Lower end of the 95 % interval; null where unknown.</param>
/// <param name="High">Upper end.</param>
public sealed record CardMetric(string Name, double Mean, double? Low, double? High);
