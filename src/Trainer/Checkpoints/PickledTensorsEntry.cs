namespace Trainer.Checkpoints;

/// <summary>A tensor of a file of torch.save.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Element type: F32, F16 or BF16.</param>
/// <param name="Shape">Sizes.</param>
public sealed record PickledTensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape);
