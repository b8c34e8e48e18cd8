using System.Text;
using DataPrep;
using Trainer.Checkpoints;
using Trainer.Encoders;
using Trainer.Training.Distributed;
using Trainer.Training.Objectives;
using Trainer.Training.Watching;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>
/// Trains a model: phase by phase, per step one batch of the plan, forward, loss, backward, AdamW. Same inputs, options, seed, threads and libtorch give the same bytes, also when the
/// training is stopped anywhere and resumed from its checkpoints.
/// </summary>
public static class TrainLoop
{
    /// <summary>Trains, and writes the model and its series to <see cref="TrainInputs.Output"/>.</summary>
    /// <exception cref="TrainerException">The options contradict each other or the data, the initial model does not fit, or the loss is no longer a number.</exception>
    public static TrainResult Run(TrainInputs inputs, TrainOptions options, ITrainObserver observer, CancellationToken cancellationToken)
    {
        set_num_threads(inputs.Threads);
        var plans = PhasePlan.Of(inputs.Rows, options, inputs.Seed, phase => BatchTrials.Find(inputs, phase, observer, cancellationToken));
        var total = plans[^1].LastStep;
        using var model = Trainee.Create(inputs, options, plans, observer);
        var device = TrainDevice.Prepare(options, [.. model.Parameters.Select(p => p.Value)]);
        var environment = TrainEnvironment.Current(inputs.Threads, device);
        var best = new BestState(model.Parameters, moments: options.Watch.RollsBack);
        var watching = TrainWatch.Start(inputs, options, plans, model, cancellationToken);
        var meter = new TrainingMeter(inputs.Time, device);
        var ranks = inputs.Ranks;
        using var writer = ranks.IsFirst ? new CheckpointWriter(inputs.Scratch, observer) : null;
        ICheckpointed[] parts = [best, watching.Part];

        TrainPhase? phase = null;
        try
        {
            var fingerprint = TrainFingerprint.Of(inputs, options, plans);
            ranks.Require(Convert.FromHexString(fingerprint), "options, data, seed or initial model", "Start all with the same.");
            var resumed = ranks.Restore(inputs.Checkpoints, files => Checkpoint.Restore([files], fingerprint, at => Begin(at.Phase).Contents(parts), observer.Log));
            var state = resumed?.State ?? new TrainState { Fingerprint = fingerprint };
            var log = resumed?.Log ?? new TrainingLog();
            var first = state.Step;
            double last = log.Points.LastOrDefault(p => p.Key == WatchKeys.TrainLoss)?.Value ?? 0;
            if (resumed is null)
            {
                Enter(0);
                Evaluate(atStart: true);
            }
            else
            {
                watching.Resume(phase!.Plan);
                TrainEnvironment.Announce(state.Environment, environment, state.Step, observer);
            }

            state = state with { Environment = environment };
            ranks.RequireEqualWeights(model.Parameters);
            meter.Restart();
            while (state.Step < total)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (state.Step == phase!.Plan.LastStep)
                {
                    phase.End();
                    state = state with { Phase = state.Phase + 1, PhaseStep = 0, Epoch = 0, Batch = 0 };
                    Enter(state.Phase);
                    continue;
                }

                var plan = phase.Plan.Batches.Plan(state.Epoch);
                if (state.Batch >= plan.Count)
                {
                    state = state with { Epoch = state.Epoch + 1, Batch = 0 };
                    continue;
                }

                foreach (var line in state.Batch == 0 ? plan.Report.Lines() : [])
                {
                    observer.Log(line);
                }

                var rows = plan[state.Batch];
                var rate = phase.Plan.Schedule.At(state.PhaseStep) * watching.RateFactor;
                var (found, norm) = phase.Step(new StepRequest(inputs.Seed, state.Step, state.PhaseStep, state.Epoch, rows, MiniBatch: 0), rate);
                state = state with { Step = state.Step + 1, PhaseStep = state.PhaseStep + 1, Batch = state.Batch + 1 };
                last = found.Loss;
                if (!double.IsFinite(last))
                {
                    throw new TrainerException($"The loss of step {state.Step} is {last}; expected a number. Lower learning_rate ({rate:G3} in this step) or set clip.");
                }

                Point(WatchKeys.TrainLoss, last);
                Point("learning_rate", rate);
                Point("grad_norm", norm);
                foreach (var (name, value) in found.Parts)
                {
                    Point(name, value);
                }

                meter.Add(rows.Length, found.Tokens);
                var verdict = state.Step == total || state.Step == phase.Plan.LastStep || (options.EvalEvery > 0 && state.Step % options.EvalEvery == 0) ? Evaluate() : null;
                if (verdict?.Action.Kind == WatchActionKind.Stop)
                {
                    observer.Log($"Ended at step {state.Step} of {total}: {verdict.Action.Reason}");
                    break;
                }

                if (verdict?.Action.Kind == WatchActionKind.RollBack)
                {
                    best.RollBack(phase.Optimizer);
                }

                if (options.CheckpointEvery > 0 && state.Step % options.CheckpointEvery == 0 && state.Step < total)
                {
                    writer?.Save(state, phase.Contents(parts), log, verdict is null ? null : watching.MetricAt(log, state.Step));
                }

                writer?.Poll();
                observer.Progress(new StageProgress(state.Step, total, "steps"));
            }

            phase!.End();
            writer?.Drain();
            ranks.RequireEqualWeights(model.Parameters);
            var digest = ranks.IsFirst ? Publish() : "";
            return new TrainResult(
                state.Step, first, last, watching.MetricAt(log, state.Step), state.BestStep, Encoding.UTF8.GetString(ranks.FromFirst(Encoding.UTF8.GetBytes(digest), "the model's digest")), model.Start.Contradictions);

            string Publish()
            {
                model.Save(inputs.Output, inputs.Tokenizer, options.Keep == KeepKind.Best && best.Any ? best.Weights : null);
                phase.Objective.Save(inputs.Output);
                log.Marks.AddRange(watching.BestMark());
                log.Write(inputs.Output);
                return ModelFolder.Digest(FileSet.FromFolder(inputs.Output));
            }

            void Enter(int index)
            {
                Begin(index);
                Mark(watching.Enter(phase!.Plan));
                foreach (var line in phase.Lines)
                {
                    observer.Log(plans.Count > 1 ? $"Phase {phase.Plan.Name}: {line}" : line);
                }
            }

            WatchVerdict? Evaluate(bool atStart = false)
            {
                meter.Tell(observer, state.Step);
                using var averaged = phase!.Averaged();
                var verdict = watching.Evaluate(phase, state.Step, log, atStart, cancellationToken);
                if (verdict is not null)
                {
                    // Every rank measures, and all must do what follows from it.
                    ranks.Require([(byte)verdict.Action.Kind, verdict.IsBest ? (byte)1 : (byte)0], $"what follows from the evaluation of step {state.Step}", "Their processors or libraries compute otherwise; train on hosts of one kind.");
                }

                foreach (var point in verdict?.Points ?? [])
                {
                    Point(point.Key, point.Value);
                }

                foreach (var histogram in verdict?.Histograms ?? [])
                {
                    log.Histograms.Add(histogram);
                    observer.Histogram(histogram);
                }

                Mark(verdict?.Marks ?? []);
                foreach (var alarm in verdict?.Alarms ?? [])
                {
                    observer.Event(alarm.ToEvent());
                }

                if (verdict is { IsBest: true })
                {
                    state = state with { BestStep = state.Step };
                    watching.BestMark().ToList().ForEach(observer.Mark);
                    if (options.Keep == KeepKind.Best || options.Watch.RollsBack)
                    {
                        best.Keep(phase.Optimizer);
                    }
                }

                meter.Restart();
                return verdict;
            }

            void Mark(IReadOnlyList<TrainingMark> marks)
            {
                log.Marks.AddRange(marks);
                foreach (var mark in marks.Where(m => m.Kind != TrainingMarks.Alarm))
                {
                    observer.Mark(mark);
                }
            }

            void Point(string key, double value)
            {
                log.Points.Add(new MetricPoint(key, state.Step, value));
                observer.Metric(key, state.Step, value);
            }
        }
        finally
        {
            phase?.Dispose();
        }

        TrainPhase Begin(int index)
        {
            if (index < 0 || index >= plans.Count)
            {
                throw new TrainerException($"it stands in phase {index + 1} of {plans.Count}");
            }

            phase?.Dispose();
            phase = null;
            return phase = new TrainPhase(plans[index], ObjectiveTable.Create(model, plans[index], inputs, device, observer), device, observer, ranks);
        }
    }
}
