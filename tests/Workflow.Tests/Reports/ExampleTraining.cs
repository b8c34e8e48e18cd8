using Trainer.Training;
using Trainer.Training.Watching;

namespace Workflow.Tests.Reports;

/// <summary>Two trainings as they are watched: one that is best at the end of warm-up and worse ever since while its loss falls, and one that goes well. Alarms come from the judge itself.</summary>
static class ExampleTraining
{
    public const int Steps = 470, Every = 25, Warmup = 47;

    /// <summary>Best at step 50, 7 % of the rows from queries.</summary>
    public static TrainingLog Degrading { get; } = Make(good: false, (0, Steps, "fine-tuning"));

    /// <summary>Two phases, no alarm.</summary>
    public static TrainingLog Going { get; } = Make(good: true, (0, 200, "contrastive pre-training"), (200, Steps, "fine-tuning with hard negatives"));

    static TrainingLog Make(bool good, params (int From, int To, string Name)[] phases)
    {
        var log = new TrainingLog();
        var random = new SplitMix64(good ? 5UL : 4UL);
        var watch = new Watch(new WatchOptions(), new WatchPlan
        {
            LastStep = Steps,
            WarmupEnd = Warmup,
            EvaluateEvery = Every,
            RowsByGenerator = new SortedDictionary<string, long> { ["title"] = good ? 50_000 : 93_000, ["qrels"] = good ? 50_000 : 7_000 },
            QueryCollections = ["miracl", "nfcorpus"],
        }, null, []);
        log.Marks.AddRange(phases.Select(p => new TrainingMark(TrainingMarks.Phase, p.From, p.Name) { Until = p.To }));
        log.Marks.Add(new TrainingMark(TrainingMarks.WarmupEnd, Warmup, phases[0].Name));
        Evaluate(0);
        for (var step = 1; step <= Steps; step++)
        {
            log.Points.Add(new("train_loss", step, 0.35 + (3.9 * Math.Exp(-step / 80.0)) + (0.14 * Normal(ref random) * Math.Exp(-step / 120.0))));
            log.Points.Add(new("learning_rate", step, step < Warmup ? 5.6e-4 * step / Warmup : 5.6e-5 + (5.04e-4 * (Steps - step) / (Steps - Warmup))));
            log.Points.Add(new("grad_norm", step, 0.4 * Math.Exp(2.6 * Math.Exp(-step / 40.0)) * Math.Exp(0.35 * Normal(ref random))));
            log.Points.Add(new(WatchKeys.MaskRate, step, 0.012 + (0.02 * (1 - Math.Exp(-step / 100.0))) + (0.002 * Normal(ref random))));
            if (step % Every == 0 || step == Steps)
            {
                Evaluate(step);
            }

            if (good && step is 150 or 300 or 450)
            {
                log.Marks.Add(new TrainingMark(TrainingMarks.Checkpoint, step, $"{step}"));
            }
        }

        // The example has no collections to measure, so it says itself which series decides.
        log.Marks.Add(new TrainingMark(TrainingMarks.Best, watch.State.Best!.Step, WatchKeys.MeanNdcg));
        return log;

        void Evaluate(int step)
        {
            var fall = good ? 0 : 0.0004 * Math.Max(0, step - 50);
            var rise = 1 - Math.Exp(-step / (good ? 110.0 : 9.0));
            var values = new Dictionary<string, double>
            {
                ["miracl_ndcg@10"] = 0.31 + (0.2 * rise) - fall,
                ["nfcorpus_ndcg@10"] = 0.25 + (0.08 * rise) - (fall * 0.6),
                ["miracl_recall@100"] = 0.62 + (0.2 * rise) - (fall * 0.5),
                ["nfcorpus_recall@100"] = 0.20 + (0.09 * rise) - (fall * 0.4),
                ["miracl_mrr@10"] = 0.30 + (0.19 * rise) - fall,
                ["nfcorpus_mrr@10"] = 0.40 + (0.1 * rise) - (fall * 0.5),
                ["dev_ndcg@10"] = 0.42 + (0.36 * (1 - Math.Exp(-step / 70.0))),
                ["dev_recall@100"] = 0.70 + (0.26 * (1 - Math.Exp(-step / 70.0))),
                ["dev_mrr@10"] = 0.38 + (0.36 * (1 - Math.Exp(-step / 70.0))),
                ["dev_loss"] = 0.52 + (3.9 * Math.Exp(-step / 80.0)),
            };
            values["mean_ndcg@10"] = (values["miracl_ndcg@10"] + values["nfcorpus_ndcg@10"] + (good ? values["dev_ndcg@10"] : 0.5)) / 3;
            var drift = good ? 0 : -0.0009 * step;
            var positives = Cosines(2000, 0.62 + drift + (good ? 0.18 * rise : 0.12 * rise), 0.09);
            List<CosineHistogram> histograms =
            [
                CosineStatistics.Histogram(step, WatchKeys.Positive, positives),
                CosineStatistics.Histogram(step, WatchKeys.InBatch, Cosines(4000, 0.40 + drift - (0.22 * rise), 0.07), positives),
                CosineStatistics.Histogram(step, WatchKeys.HardNegative, Cosines(1200, 0.55 + drift - (0.1 * rise), 0.1), positives),
            ];
            values["alignment"] = positives.Average(c => 2 - (2 * c));
            values["uniformity"] = -1.6 - (1.9 * rise) + (good ? 0 : 0.002 * step);
            values["random_pair_std"] = 0.07 + (0.05 * rise);
            values["positive_cosine"] = histograms[0].Mean;
            values["in_batch_cosine"] = histograms[1].Mean;
            values["in_batch_auc"] = histograms[1].Auc!.Value;
            values["hard_negative_auc"] = histograms[2].Auc!.Value;
            var verdict = watch.Judge(step, [.. values.Select(v => new MetricPoint(v.Key, step, v.Value))], histograms, log);
            log.Points.AddRange(verdict.Points);
            log.Histograms.AddRange(verdict.Histograms);
            log.Marks.AddRange(verdict.Marks);
        }

        double[] Cosines(int count, double mean, double deviation)
        {
            var cosines = new double[count];
            for (var i = 0; i < count; i++)
            {
                cosines[i] = Math.Clamp(mean + (deviation * Normal(ref random)), -1, 1);
            }

            return cosines;
        }
    }

    // Irwin and Hall's approximation: twelve draws.
    static double Normal(ref SplitMix64 random)
    {
        var sum = -6.0;
        for (var i = 0; i < 12; i++)
        {
            sum += random.NextDouble();
        }

        return sum;
    }
}
