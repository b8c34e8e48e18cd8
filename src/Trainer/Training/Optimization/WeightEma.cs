using TorchSharp;
using TorchSharp.Modules;

namespace Trainer.Training.Optimization;

/// <summary>Exponential moving average of the weights (Polyak and Juditsky 1992): average = d · average + (1 - d) · weights after each step.</summary>
/// <param name="parameters">All parameters of the model.</param>
/// <param name="decay">d.</param>
/// <param name="warmup">Whether d of update t, counted from 0, is min(decay, (1 + t) / (10 + t)), so that the first weights are soon forgotten (TensorFlow's ExponentialMovingAverage with num_updates).</param>
public sealed class WeightEma(IReadOnlyList<(string Name, Parameter Value)> parameters, double decay, bool warmup = true) : AveragedWeights("ema", parameters)
{
    readonly double _decay = decay is >= 0 and < 1 ? decay : throw new ArgumentOutOfRangeException(nameof(decay), decay, "Expected from 0 to below 1.");

    /// <summary>d of the next update.</summary>
    public double Decay => warmup ? Math.Min(_decay, (1.0 + Updates) / (10.0 + Updates)) : _decay;

    /// <summary>Takes the weights of a step in.</summary>
    public void Update() => Update((averages, weights) =>
    {
        Foreach.Multiply(averages, Decay);
        Foreach.Add(averages, weights, 1 - Decay);
    });
}
