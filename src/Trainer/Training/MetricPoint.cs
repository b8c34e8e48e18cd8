namespace Trainer.Training;

/// <summary>A point of a metric series: <c>train_loss</c>, <c>learning_rate</c>, <c>grad_norm</c>, <c>dev_loss</c>, <c>dev_ndcg@10</c>, and what <see cref="Watching.WatchKeys"/> names.</summary>
/// <param name="Key">Name of the series.</param>
/// <param name="Step">Optimizer steps done when it was taken.</param>
/// <param name="Value">The value.</param>
public sealed record MetricPoint(string Key, long Step, double Value);
