using TorchSharp.Modules;
using Trainer.Encoders;
using static TorchSharp.torch;

namespace Trainer.Checkpoints;

/// <summary>What of a training a checkpoint holds, beside where it stands.</summary>
/// <param name="Parameters">All parameters of the model by name, trained or not.</param>
/// <param name="Optimizer">Has some or all of them; its state is kept by their names, so that groups and frozen parameters do not shift it.</param>
/// <param name="Device">Where the training runs.</param>
public sealed record CheckpointContents(IReadOnlyList<(string Name, Parameter Value)> Parameters, AdamW Optimizer, Device Device)
{
    /// <summary>Parts with a state of their own.</summary>
    public IReadOnlyList<ICheckpointed> Parts { get; init; } = [];

    /// <summary>An encoder with its optimizer.</summary>
    public static CheckpointContents Of(IEncoder encoder, AdamW optimizer, Device device) => new(encoder.Parameters, optimizer, device);

    /// <summary>The optimizer's state by the names of its parameters, in its order.</summary>
    /// <exception cref="ArgumentException">A parameter of the optimizer has no name.</exception>
    public IEnumerable<(string Name, AdamW.State State)> Moments()
    {
        var names = new Dictionary<object, string>(ReferenceEqualityComparer.Instance);
        foreach (var (name, value) in Parameters)
        {
            names.TryAdd(value, name);
        }

        return Optimizer.parameters().Zip(Optimizer.state_dict().State, (parameter, state) => (names.TryGetValue(parameter, out var name) ? name
            : throw new ArgumentException($"The optimizer has a parameter of shape ({string.Join(", ", parameter.shape)}) that is not among the {Parameters.Count} named ones."), state));
    }
}
