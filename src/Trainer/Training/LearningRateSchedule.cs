namespace Trainer.Training;

/// <summary>How the learning rate falls after warm-up.</summary>
public enum ScheduleKind
{
    /// <summary>It stays.</summary>
    Constant,

    /// <summary>A straight line to the final rate.</summary>
    Linear,

    /// <summary>Half a cosine to the final rate (Loshchilov and Hutter 2017, without restarts).</summary>
    Cosine,
}

/// <summary>The learning rate as a pure function of the step: nothing to save, nothing to restore.</summary>
/// <param name="Kind">Shape after warm-up.</param>
/// <param name="Rate">Rate at the end of warm-up.</param>
/// <param name="FinalRate">Rate towards which it falls; reached one step after the last.</param>
/// <param name="WarmupSteps">Steps over which the rate rises in a straight line from Rate / WarmupSteps; 0 for none.</param>
/// <param name="TotalSteps">Steps in all.</param>
public sealed record LearningRateSchedule(ScheduleKind Kind, double Rate, double FinalRate, int WarmupSteps, int TotalSteps)
{
    /// <summary>Rate of a step, counted from 0.</summary>
    public double At(int step)
    {
        if (step < WarmupSteps)
        {
            return Rate * (step + 1) / WarmupSteps;
        }

        var progress = Math.Min(1.0, (double)(step - WarmupSteps) / Math.Max(1, TotalSteps - WarmupSteps));
        return Kind switch
        {
            ScheduleKind.Linear => FinalRate + ((Rate - FinalRate) * (1 - progress)),
            ScheduleKind.Cosine => FinalRate + ((Rate - FinalRate) * 0.5 * (1 + Math.Cos(Math.PI * progress))),
            _ => Rate,
        };
    }
}
