using TorchSharp;
using TorchSharp.Modules;
using Trainer.Encoders;
using Trainer.Heads;
using Trainer.Losses;
using Trainer.Training.Caching;
using Trainer.Training.Objectives;
using static TorchSharp.torch;

namespace Trainer.Training;

/// <summary>One optimizer step on a batch that is at hand, without phases or schedules: for measurements and checks of a machine.</summary>
public static class PlainStep
{
    /// <summary>Forward, loss, backward, AdamW.</summary>
    /// <param name="encoder">What is trained.</param>
    /// <param name="optimizer">Holds the encoder's parameters.</param>
    /// <param name="loss">A loss that reads embeddings alone.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="rate">Learning rate of this step.</param>
    /// <param name="clip">Largest gradient norm, or null.</param>
    /// <param name="step">Names the draws of dropout.</param>
    /// <returns>The loss, and the norm of the gradient before it was clipped.</returns>
    public static (double Loss, double GradNorm) Run(IEncoder encoder, AdamW optimizer, ILoss loss, TrainBatch batch, double rate, double? clip, int step = 0)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        foreach (var group in optimizer.ParamGroups)
        {
            group.LearningRate = rate;
        }

        var device = encoder.Parameters[0].Value.device;
        var known = new LossInputs
        {
            Queries = new HeadOutputs(),
            Passages = new HeadOutputs(),
            Excluded = batch.Excluded.Contains(true) ? tensor(batch.Excluded, [batch.Queries.Count, batch.Passages.Count]).OnDevice(device) : null,
        };
        var found = new GradCache(encoder, loss, null, device).Step(batch.Queries, batch.Passages, known, new StepRequest(0, step, step, 0, [], int.MaxValue));
        var norm = Gradients.Clip(optimizer.parameters(), clip);
        optimizer.step();
        return (found.Loss, norm);
    }
}
