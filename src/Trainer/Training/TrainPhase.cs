using TorchSharp;
using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Training.Distributed;
using Trainer.Training.Objectives;
using Trainer.Training.Optimization;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>A phase that runs: objective, optimizer, averaged weights and mini-batch size.</summary>
sealed class TrainPhase : IDisposable
{
    readonly AveragedWeights? _average;
    readonly MiniBatchSize _atOnce;
    readonly ParameterGroups _groups;
    readonly Device _device;
    readonly DistributedContext _ranks;
    readonly GradientReduction _reduction;

    /// <param name="plan">What is declared of it.</param>
    /// <param name="objective">What it optimises; disposed with this.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="observer">Told of memory that runs out.</param>
    /// <param name="ranks">Processes that train together.</param>
    public TrainPhase(PhasePlan plan, IObjective objective, Device device, ITrainObserver observer, DistributedContext ranks)
    {
        (Plan, Objective, _device, _ranks) = (plan, objective, device, ranks);
        _reduction = new GradientReduction(ranks, objective.Parameters);
        objective.Parameters.Select(p => p.Value).ToList().MoveTo(device);
        var options = plan.Options;
        _groups = ParameterGroups.Of(objective.Parameters, options.Optimization, plan.Rate.Rate, options.WeightDecay);
        Optimizer = _groups.CreateOptimizer(plan.Rate.Rate, beta2: options.Beta2);
        _average = options.Optimization switch
        {
            { EmaDecay: { } decay } own => new WeightEma(objective.Parameters, decay, own.EmaWarmup),
            { AverageFrom: { } from } own => new WeightAverage(objective.Parameters, plan.Steps, from, own.AverageEvery),
            _ => null,
        };
        // Only a contrastive loss needs all its texts at once where their embeddings are not cached.
        // A rank that did a step again would leave the others behind: among several, memory that runs out ends the training.
        var cached = (options.GradientCache is not null || options.Objective != ObjectiveKind.Contrastive) && !ranks.IsShared;
        _atOnce = new MiniBatchSize(options.GradientCache?.MiniBatch ?? options.BatchSize, cached, options.BatchSize, device, observer);
    }

    public PhasePlan Plan { get; }

    public IObjective Objective { get; }

    public AdamW Optimizer { get; }

    /// <summary>Lines for the log: rates, groups, what is frozen.</summary>
    public IEnumerable<string> Lines => [Plan.Rate.Sentence, .. _groups.Describe(Plan.Rate.Rate)];

    /// <summary>What a checkpoint keeps of it.</summary>
    /// <param name="parts">Parts of the training around it.</param>
    public CheckpointContents Contents(IEnumerable<ICheckpointed> parts) => new(Objective.Parameters, Optimizer, _device)
    {
        Parts = [.. parts, .. Objective.Parts, .. _average is null ? [] : new ICheckpointed[] { _average }, _atOnce],
    };

    /// <summary>One step: gradients, their norm, new weights.</summary>
    /// <param name="request">The step; its mini-batch is set here.</param>
    /// <param name="rate">Learning rate.</param>
    /// <returns>What the objective found, and the norm of the gradient before it was clipped.</returns>
    public (StepResult Found, double GradNorm) Step(StepRequest request, double rate)
    {
        var found = _atOnce.Run(request.Step + 1, texts =>
        {
            Optimizer.zero_grad();
            return Objective.Backward(request with { MiniBatch = texts });
        }, _ranks.IsShared ? null : Objective.KeepFewer);
        _reduction.Sum();
        var norm = Gradients.Clip(Optimizer.parameters(), Plan.Options.Clip);
        if (double.IsFinite(found.Loss))
        {
            _groups.SetRate(Optimizer, rate);
            Optimizer.step();
            (_average as WeightEma)?.Update();
            (_average as WeightAverage)?.Update(request.PhaseStep + 1);
        }

        return (found, norm);
    }

    /// <summary>Puts the averaged weights, where there are some, in the place of the trained ones until the answer is disposed.</summary>
    public IDisposable? Averaged() => _average is { Updates: > 0 } ? _average.Apply() : null;

    /// <summary>Ends the phase: averaged weights become the weights.</summary>
    public void End() => _ = Averaged();

    public void Dispose()
    {
        Optimizer.Dispose();
        _average?.Dispose();
        Objective.Dispose();
    }
}
