using TorchSharp.Modules;

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
}
