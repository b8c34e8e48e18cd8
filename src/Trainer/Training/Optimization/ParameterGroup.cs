using TorchSharp.Modules;

namespace Trainer.Training.Optimization;

/// <summary>Parameters of one rate and weight decay.</summary>
/// <param name="RateFactor">What the training's rate is multiplied by for them.</param>
/// <param name="WeightDecay">AdamW's decoupled weight decay.</param>
/// <param name="Parameters">They, in the model's order.</param>
public sealed record ParameterGroup(double RateFactor, double WeightDecay, IReadOnlyList<(string Name, Parameter Value)> Parameters);
