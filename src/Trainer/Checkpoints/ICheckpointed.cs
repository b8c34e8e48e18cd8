using System.Text.Json.Nodes;

namespace Trainer.Checkpoints;

/// <summary>
/// A part of a training whose state a checkpoint keeps beside weights and optimizer: a loss with parameters, averaged weights, alarms, early stopping, the mini-batch size. What
/// follows from options, data, seed and step alone needs none of it.
/// </summary>
public interface ICheckpointed
{
    /// <summary>Name within the checkpoint, in snake case and unique in a training.</summary>
    string Name { get; }

    /// <summary>What is not a tensor, as JSON; null for nothing. Numbers come back as they were, but NaN and infinities cannot be kept.</summary>
    JsonNode? State();

    /// <summary>Its tensors. They may view live memory (<see cref="SafetensorsTensor.Of"/>): who keeps them copies.</summary>
    IEnumerable<SafetensorsTensor> Tensors();

    /// <summary>Takes a state back.</summary>
    /// <param name="state">What <see cref="State"/> gave.</param>
    /// <param name="tensors">What <see cref="Tensors"/> gave, by name.</param>
    /// <exception cref="TrainerException">The state does not fit; an exception of reading JSON or of a missing key is as good.</exception>
    void Restore(JsonNode? state, IReadOnlyDictionary<string, SafetensorsTensor> tensors);
}
