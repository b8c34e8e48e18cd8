using Trainer.Training.Distributed;

namespace Trainer.Training.Objectives;

/// <summary>Figures of a step that several processes share.</summary>
static class SharedSteps
{
    /// <summary>The sums over ranks, the same on all; without others the figures as they are.</summary>
    public static StepResult Sum(this DistributedContext ranks, StepResult own)
    {
        if (!ranks.IsShared)
        {
            return own;
        }

        var sums = ranks.Sum([own.Loss, own.Texts, own.Tokens, .. own.Parts.Select(p => p.Value)], "the figures of a step");
        return new StepResult(sums[0], [.. own.Parts.Select((part, i) => (part.Name, sums[3 + i]))], (int)sums[1], (long)sums[2]);
    }
}
