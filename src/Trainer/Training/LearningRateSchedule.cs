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

    /// <summary>It stays, and falls to the final rate over the last share of the steps (Hu et al. 2024, MiniCPM).</summary>
    WarmupStableDecay,

    /// <summary>It is multiplied by a factor at each milestone, never below the final rate.</summary>
    StepDown,
}

/// <summary>Shape of the fall at the end of <see cref="ScheduleKind.WarmupStableDecay"/>.</summary>
public enum DecayShape
{
    /// <summary>A straight line.</summary>
    Linear,

    /// <summary>Half a cosine.</summary>
    Cosine,

    /// <summary>1 - √progress: steep at first (Hägele et al. 2024, arXiv:2405.18392).</summary>
    Root,
}

/// <summary>The learning rate as a pure function of the step: nothing to save, nothing to restore.</summary>
/// <param name="Kind">Shape after warm-up.</param>
/// <param name="Rate">Rate at the end of warm-up.</param>
/// <param name="FinalRate">Rate towards which it falls; reached one step after the last. A constant rate has no other; steps down end at it.</param>
/// <param name="WarmupSteps">Steps over which the rate rises in a straight line from Rate / WarmupSteps; 0 for none.</param>
/// <param name="TotalSteps">Steps in all.</param>
public sealed record LearningRateSchedule(ScheduleKind Kind, double Rate, double FinalRate, int WarmupSteps, int TotalSteps)
{
    /// <summary>Share of all steps over which <see cref="ScheduleKind.WarmupStableDecay"/> falls, from 0 to 1.</summary>
    /// <value>Default: 0.1.</value>
    public double DecayShare { get; init; } = 0.1;

    /// <summary>Shape of that fall.</summary>
    /// <value>Default: linear.</value>
    public DecayShape Decay { get; init; } = DecayShape.Linear;

    /// <summary>Where <see cref="ScheduleKind.StepDown"/> steps down, as shares of all steps, rounded to whole steps.</summary>
    /// <value>Default: 0.5 and 0.75.</value>
    public IReadOnlyList<double> Milestones { get; init; } = [0.5, 0.75];

    /// <summary>What each milestone multiplies the rate by; null takes the one by which the last milestone arrives at <see cref="FinalRate"/>, or 0.1 where that is 0.</summary>
    /// <value>Default: null.</value>
    public double? Factor { get; init; }

    /// <summary>Rate of a step, counted from 0.</summary>
    public double At(int step)
    {
        if (step < WarmupSteps)
        {
            return Rate * (step + 1) / WarmupSteps;
        }

        return Kind switch
        {
            ScheduleKind.Linear => Between(1 - Progress(step, WarmupSteps)),
            ScheduleKind.Cosine => Between(HalfCosine(Progress(step, WarmupSteps))),
            ScheduleKind.WarmupStableDecay => Stable(step),
            ScheduleKind.StepDown => Stepped(step),
            _ => Rate,
        };
    }

    static double HalfCosine(double progress) => 0.5 * (1 + Math.Cos(Math.PI * progress));

    double Between(double share) => FinalRate + ((Rate - FinalRate) * share);

    double Progress(int step, int start) => Math.Min(1.0, (double)(step - start) / Math.Max(1, TotalSteps - start));

    double Stable(int step)
    {
        var start = Math.Max(WarmupSteps, TotalSteps - (int)Math.Ceiling(TotalSteps * DecayShare));
        if (step < start)
        {
            return Rate;
        }

        var progress = Progress(step, start);
        return Between(Decay switch
        {
            DecayShape.Cosine => HalfCosine(progress),
            DecayShape.Root => 1 - Math.Sqrt(progress),
            _ => 1 - progress,
        });
    }

    double Stepped(int step)
    {
        var passed = Milestones.Count(m => step >= Math.Round(m * TotalSteps, MidpointRounding.AwayFromZero));
        if (passed == 0)
        {
            return Rate;
        }

        var derived = Factor is null && FinalRate > 0;
        if (derived && passed == Milestones.Count)
        {
            return FinalRate;
        }

        var factor = Factor ?? (derived ? Math.Pow(FinalRate / Rate, 1.0 / Milestones.Count) : 0.1);
        return Math.Max(FinalRate, Rate * Math.Pow(factor, passed));
    }
}
