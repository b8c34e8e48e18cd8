using System.ComponentModel.DataAnnotations;

namespace Trainer.Training.Watching;

/// <summary>What is looked for while a training runs, and what is done about it. Everything but the policies <c>off</c> and <c>tell</c> bears on the bytes of the model.</summary>
public sealed record WatchOptions
{
    /// <summary>The training loss falls while nDCG@10 of a collection falls by <see cref="MinimumFall"/> over <see cref="Evaluations"/> evaluations in a row (slopes of least squares).</summary>
    /// <value>Default: tell.</value>
    public AlarmPolicy LossMetricDivergence { get; init; } = AlarmPolicy.Tell;

    /// <summary>The best evaluation of a collection is the one at the end of warm-up, and <see cref="Evaluations"/> later ones lie below it by <see cref="MinimumFall"/> on average.</summary>
    /// <value>Default: tell.</value>
    public AlarmPolicy PeakAtWarmup { get; init; } = AlarmPolicy.Tell;

    /// <summary>The cosines of random pairs have a standard deviation below <see cref="CollapseDeviation"/>: queries or passages are all one direction.</summary>
    /// <value>Default: tell.</value>
    public AlarmPolicy Collapse { get; init; } = AlarmPolicy.Tell;

    /// <summary>The mean cosines of positives and of in-batch negatives have both moved the same way by more than <see cref="ShiftBy"/> since the first evaluation.</summary>
    /// <value>Default: tell.</value>
    public AlarmPolicy Shift { get; init; } = AlarmPolicy.Tell;

    /// <summary>Fewer than <see cref="QueryShare"/> of the training rows come from queries, but a collection is searched with queries.</summary>
    /// <value>Default: tell.</value>
    public AlarmPolicy TaskMismatch { get; init; } = AlarmPolicy.Tell;

    /// <summary>More than <see cref="ZeroSparseRate"/> of the sparse vectors have no weight at all.</summary>
    /// <value>Default: tell.</value>
    public AlarmPolicy ZeroSparse { get; init; } = AlarmPolicy.Tell;

    /// <summary>Evaluations that <see cref="LossMetricDivergence"/> and <see cref="PeakAtWarmup"/> need before they speak.</summary>
    /// <value>Default: 3.</value>
    [Range(3, 1000)]
    public int Evaluations { get; init; } = 3;

    /// <summary>The least fall of nDCG@10 that counts as one: below it lies the noise of evaluations on a few hundred queries.</summary>
    /// <value>Default: 0.005.</value>
    [Range(0, 1)]
    public double MinimumFall { get; init; } = 0.005;

    /// <summary>How far from the end of warm-up its peak may lie, as a share of the phase's steps; half the distance of two evaluations where that is more.</summary>
    /// <value>Default: 0.02.</value>
    [Range(0, 1)]
    public double WarmupTolerance { get; init; } = 0.02;

    /// <summary>Standard deviation of random cosines below which <see cref="Collapse"/> speaks.</summary>
    /// <value>Default: 0.01.</value>
    [Range(0, 1)]
    public double CollapseDeviation { get; init; } = 0.01;

    /// <summary>Movement of both means above which <see cref="Shift"/> speaks.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0, 2)]
    public double ShiftBy { get; init; } = 0.1;

    /// <summary>Share of rows from queries below which <see cref="TaskMismatch"/> speaks.</summary>
    /// <value>Default: 0.1.</value>
    [Range(0, 1)]
    public double QueryShare { get; init; } = 0.1;

    /// <summary>Share of empty sparse vectors above which <see cref="ZeroSparse"/> speaks.</summary>
    /// <value>Default: 0.02.</value>
    [Range(0, 1)]
    public double ZeroSparseRate { get; init; } = 0.02;

    /// <summary>What the learning rate is multiplied with, from there on, when it is lowered or the training rolled back.</summary>
    /// <value>Default: 0.5.</value>
    [Range(1e-6, 1)]
    public double RateFactor { get; init; } = 0.5;

    /// <summary>Times that a training is rolled back; the next time it ends instead.</summary>
    /// <value>Default: 3.</value>
    [Range(0, 1000)]
    public int MaxRollBacks { get; init; } = 3;

    /// <summary>The series by which the best model is chosen: <c>NAME_ndcg@10</c>, <c>NAME_recall@100</c>, <c>NAME_mrr@10</c>, <c>NAME_loss</c> (lower is better) of a watched collection, or
    /// <c>mean_ndcg@10</c>, the mean over all of them. Null takes that mean, or nDCG@10 of the only one.</summary>
    /// <value>Default: null.</value>
    public string? Metric { get; init; }

    /// <summary>When a training that no longer improves is ended.</summary>
    /// <value>Default: never.</value>
    public EarlyStoppingOptions EarlyStopping { get; init; } = new();

    /// <summary>Training rows of which cosines are taken (a seeded sample; in-batch negatives are all pairs of them).</summary>
    /// <value>Default: 512.</value>
    [Range(2, 8192)]
    public int Sample { get; init; } = 512;

    /// <summary>Whether the model is measured before the first step: the line that everything after is held against.</summary>
    /// <value>Default: true.</value>
    public bool AtStart { get; init; } = true;

    /// <summary>Whether an alarm may roll the training back.</summary>
    internal bool RollsBack => Enum.GetValues<AlarmKind>().Any(kind => Policy(kind) == AlarmPolicy.RollBack);

    /// <summary>The policy of an alarm.</summary>
    public AlarmPolicy Policy(AlarmKind kind) => kind switch
    {
        AlarmKind.LossMetricDivergence => LossMetricDivergence,
        AlarmKind.PeakAtWarmup => PeakAtWarmup,
        AlarmKind.Collapse => Collapse,
        AlarmKind.Shift => Shift,
        AlarmKind.TaskMismatch => TaskMismatch,
        AlarmKind.ZeroSparse => ZeroSparse,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown alarm."),
    };
}
