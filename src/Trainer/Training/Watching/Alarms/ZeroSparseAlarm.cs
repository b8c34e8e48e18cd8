namespace Trainer.Training.Watching.Alarms;

/// <summary>Texts whose sparse vector is empty can never be found by it (FlagEmbedding issue 982: 400 of them before a unified fine-tuning, 50,000 after).</summary>
sealed class ZeroSparseAlarm : IAlarm
{
    public AlarmKind Kind => AlarmKind.ZeroSparse;

    public string Name => "ZERO_SPARSE";

    public string Advice => "The sparse head dies: its ReLU gives 0 everywhere and has no gradient there. Lower the weight of the FLOPS term and the head's learning rate, or train the heads with a frozen encoder first.";

    public string? Look(WatchSeries series, WatchOptions options) => series.Last[WatchKeys.ZeroSparse] is { } rate && rate > options.ZeroSparseRate
        ? $"At step {series.Last.Step} {100 * rate:0.#} % of the sparse vectors have no weight at all; expected at most {100 * options.ZeroSparseRate:0.#} %."
        : null;
}
