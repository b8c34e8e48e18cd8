using System.Globalization;
using Trainer.Training.Batches;
using Trainer.Training.Optimization;

namespace Trainer.Training;

/// <summary>A phase as it will run: known whole before the first step.</summary>
/// <param name="Index">Its place, from 0.</param>
/// <param name="Name">What logs and curves call it.</param>
/// <param name="Options">Its options, those of the training merged in.</param>
/// <param name="FirstStep">Optimizer steps of the training before it.</param>
/// <param name="Steps">Its own steps.</param>
/// <param name="Batches">Its batches.</param>
/// <param name="Rate">Learning rate at the end of its warm-up, scaled to its batch, with the sentence that says so.</param>
/// <param name="FinalRate">Learning rate towards which it falls, scaled alike.</param>
public sealed record PhasePlan(int Index, string Name, TrainOptions Options, int FirstStep, int Steps, BatchPlanner Batches, DerivedLearningRate Rate, double FinalRate)
{
    /// <summary>Optimizer steps of the training when it ends.</summary>
    public int LastStep => FirstStep + Steps;

    /// <summary>Steps of its warm-up.</summary>
    public int WarmupSteps { get; } = Options.WarmupSteps ?? (int)Math.Ceiling(Steps * Options.WarmupRatio);

    /// <summary>Batch sizes of its length buckets that were found by trial; null where none were asked for.</summary>
    public IReadOnlyList<BucketSize>? Tuned { get; private init; }

    /// <summary>Its learning rate.</summary>
    public LearningRateSchedule Schedule => Options.Optimization.Schedule(Options.Schedule, Rate.Rate, FinalRate, WarmupSteps, Steps);

    /// <summary>The phases of a training.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="options">The training's options.</param>
    /// <param name="seed">The job's seed.</param>
    /// <param name="tuned">Batch sizes of length buckets that were found by trial; null where the options ask for none.</param>
    /// <exception cref="TrainerException">Options contradict each other or the rows, or a phase has no batch.</exception>
    public static IReadOnlyList<PhasePlan> Of(TrainingSet rows, TrainOptions options, long seed, Func<TrainOptions, IReadOnlyList<BucketSize>>? tuned = null)
    {
        var plans = new List<PhasePlan>();
        foreach (var (phase, index) in (options.Phases.Count == 0 ? [new PhaseOptions()] : options.Phases).Select((p, i) => (p, i)))
        {
            var own = phase.Over(options);
            var name = phase.Name ?? (options.Phases.Count < 2 ? "train" : (index + 1).ToString(CultureInfo.InvariantCulture));
            var negatives = own.Objective == ObjectiveKind.MaskedLanguage ? 0 : own.Negatives;
            var sizes = own.Batches.Table == BatchTable.Auto ? tuned?.Invoke(own) : null;
            var planner = BatchPlanner.For(rows, own.Batches, own.BatchSize, negatives, seed, sizes);
            var first = planner.Plan(0);
            if (first.Count == 0 && own.MaxSteps != 0)
            {
                throw new TrainerException($"The plan of phase {name} has no batch: {rows.Rows.Count} rows, batch_size {own.BatchSize}. Lower batch_size or give more pairs.");
            }

            var buckets = first.CountBy(b => b.Length).Select(b => (b.Key, (long)b.Value)).ToList();
            var batch = buckets.Count == 0 ? LogicalBatch.Of(own.BatchSize) : LogicalBatch.OfBuckets(buckets);
            var steps = own.MaxSteps ?? Enumerable.Range(0, own.Epochs).Sum(e => planner.Plan(e).Count);
            plans.Add(new PhasePlan(index, name, own, plans.Count == 0 ? 0 : plans[^1].LastStep, steps, planner, Scaled(own.LearningRate), Scaled(own.FinalLearningRate).Rate) { Tuned = sizes });

            DerivedLearningRate Scaled(double value) => LearningRateScaling.Derive(value, batch, own.Optimization.ReferenceBatch, own.Optimization.LrScaling);
        }

        return plans;
    }
}
