using Trainer.Checkpoints;
using Trainer.Training.Watching;

namespace Trainer.Training;

/// <summary>Watching as the training loop needs it: collections prepared once, phases entered, each evaluation judged.</summary>
sealed class TrainWatch
{
    readonly Watch _watch;
    readonly Trainee _model;
    readonly TrainOptions _options;
    readonly RerankEvaluator? _rerank;
    readonly WatchPlan _facts;

    TrainWatch(Watch watch, Trainee model, TrainOptions options, RerankEvaluator? rerank, WatchPlan facts) =>
        (_watch, _model, _options, _rerank, _facts) = (watch, model, options, rerank, facts);

    /// <summary>What a checkpoint keeps of it.</summary>
    public ICheckpointed Part => new JsonPart("watch", () => _watch.State.ToJson(), text => _watch.State = WatchState.FromJson(text));

    /// <summary>What the scheduled learning rate is multiplied with.</summary>
    public double RateFactor => _watch.RateFactor;

    /// <summary>Prepares it: the held-out queries as the collection dev, then the named ones, each cut to the sample that the options allow.</summary>
    public static TrainWatch Start(TrainInputs inputs, TrainOptions options, IReadOnlyList<PhasePlan> plans, Trainee model, CancellationToken cancellationToken)
    {
        List<WatchCollection> watched =
        [
            .. inputs.Dev is { Queries.Count: > 0 } dev ? [new WatchCollection("dev", dev, inputs.DevKind) { HeldOut = true }] : Array.Empty<WatchCollection>(),
            .. inputs.Collections,
        ];
        watched = [.. watched.Select(w => w with { Collection = w.Collection.Subset(options.EvalQueries, options.EvalDocuments, inputs.Seed) })];
        var facts = new WatchPlan
        {
            LastStep = plans[0].LastStep,
            EvaluateEvery = options.EvalEvery,
            RowsByGenerator = TaskKinds.RowsByGenerator(inputs.Rows),
            QueryCollections = [.. watched.Where(w => w.Kind == TaskKind.QueryDocument).Select(w => w.Name)],
        };
        var evaluators = model.Embeddings is { } embeddings
            ? watched.Select(w => new CollectionEvaluator(w, embeddings, plans[^1].Options.BatchSize, inputs.Threads, cancellationToken)).ToList()
            : [];
        var probe = model.Embeddings is null ? null : new CosineProbe(inputs.Rows, inputs.Seed, options.Watch.Sample);
        var rerank = model.CrossEncoder is { } ranker && inputs.Dev is { Queries.Count: > 0 } ranked ? new RerankEvaluator(ranked, ranker, model.Tokenizer, inputs.Seed) : null;
        return new TrainWatch(new Watch(options.Watch, facts, probe, evaluators, rerank is null ? null : RerankEvaluator.Series), model, options, rerank, facts);
    }

    /// <summary>Begins a phase.</summary>
    /// <returns>Marks for the series.</returns>
    public IReadOnlyList<TrainingMark> Enter(PhasePlan plan)
    {
        Resume(plan);
        return
        [
            new TrainingMark(TrainingMarks.Phase, plan.FirstStep, plan.Name) { Until = plan.LastStep },
            .. plan.WarmupSteps > 0 ? [new TrainingMark(TrainingMarks.WarmupEnd, plan.FirstStep + plan.WarmupSteps, plan.Name)] : Array.Empty<TrainingMark>(),
        ];
    }

    /// <summary>Goes on within a phase.</summary>
    public void Resume(PhasePlan plan) => _watch.Plan = _facts with
    {
        FirstStep = plan.FirstStep,
        LastStep = plan.LastStep,
        WarmupEnd = plan.WarmupSteps > 0 ? plan.FirstStep + plan.WarmupSteps : null,
    };

    /// <summary>Measures and judges; null where nothing is measured.</summary>
    public WatchVerdict? Evaluate(TrainPhase phase, int step, TrainingLog log, bool atStart, CancellationToken cancellationToken)
    {
        if (atStart && !_options.Watch.AtStart)
        {
            return null;
        }

        if (_model.Embeddings is { } embeddings)
        {
            var loss = phase.Objective.HeldOut is { } own ? HeldOutLosses.Of(own) : null;
            return _watch.Evaluate(embeddings, step, log, loss, phase.Objective.Measure(), cancellationToken);
        }

        return _rerank is null ? null : _watch.Judge(step, _rerank.Measure(step, cancellationToken), [], log);
    }

    /// <summary>The metric that the best model is chosen by, where this step was evaluated.</summary>
    public double? MetricAt(TrainingLog log, long step) => log.Points.LastOrDefault(p => p.Step == step && p.Key == _watch.Metric)?.Value;

    /// <summary>The mark of the best evaluation.</summary>
    public IEnumerable<TrainingMark> BestMark() => _watch.BestMark();
}
