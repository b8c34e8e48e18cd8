using TorchSharp.Modules;

namespace Trainer.Training.Optimization;

/// <summary>Plain mean of the weights at several steps towards the end of a training (Izmailov et al. 2018, arXiv:1803.05407): average += (weights - average) / (n + 1).</summary>
/// <param name="parameters">All parameters of the model.</param>
/// <param name="totalSteps">Steps of the training.</param>
/// <param name="from">Share of the steps after which the first weights count, from 0 to 1.</param>
/// <param name="every">Steps between weights that count; those of the last step always do.</param>
public sealed class WeightAverage(IReadOnlyList<(string Name, Parameter Value)> parameters, int totalSteps, double from, int every) : AveragedWeights("average", parameters)
{
    readonly int _first = Math.Clamp((int)Math.Ceiling(totalSteps * from), 1, totalSteps);

    /// <summary>Takes the weights in where those of the step count.</summary>
    /// <param name="step">Steps done.</param>
    /// <returns>Whether they count.</returns>
    public bool Update(int step)
    {
        if (step < _first || ((step - _first) % every != 0 && step != totalSteps))
        {
            return false;
        }

        Update((averages, weights) =>
        {
            for (var k = 0; k < averages.Length; k++)
            {
                if (Updates == 0)
                {
                    averages[k].copy_(weights[k]);
                    continue;
                }

                using var change = weights[k] - averages[k];
                averages[k].add_(change.div_(Updates + 1));
            }
        });
        return true;
    }
}
