using TorchSharp.Modules;
using Trainer.Checkpoints;
using Trainer.Losses;

namespace Trainer.Training.Objectives;

/// <summary>What a phase of a training optimises: it knows its model, its loss and how a batch is made from rows; it knows nothing of optimizers, schedules or checkpoints.</summary>
public interface IObjective : IDisposable
{
    /// <summary>All that it trains, by the names of the model's files: the encoder's, and heads that only this phase has.</summary>
    IReadOnlyList<(string Name, Parameter Value)> Parameters { get; }

    /// <summary>
    /// Forward and backward of one step: adds the gradient of the batch's loss to the gradients of the parameters. Everything random in it is a function of the request, so that it can be
    /// done again, after a resume or with other mini-batches, to the same end.
    /// </summary>
    /// <exception cref="TorchSharp.TorchOutOfMemoryException">Memory ran out; no weight has changed.</exception>
    StepResult Backward(StepRequest request);

    /// <summary>What of it a checkpoint must keep, beside parameters and optimizer.</summary>
    IReadOnlyList<ICheckpointed> Parts => [];

    /// <summary>Keeps fewer graphs than the last step, where memory ran out, without another draw; null where there are none to give up.</summary>
    /// <returns>Graphs before and after.</returns>
    (int Before, int After)? KeepFewer() => null;

    /// <summary>The loss that held-out pairs are measured with; null where pairs alone do not suffice for it.</summary>
    ILoss? HeldOut => null;

    /// <summary>Further figures of the model as it is, by name, for an evaluation; null for none.</summary>
    IReadOnlyDictionary<string, double>? Measure() => null;

    /// <summary>Writes what only this objective has of a model, beside the model's files.</summary>
    /// <param name="folder">The model's folder.</param>
    void Save(string folder)
    {
    }
}
