namespace Trainer.Training;

/// <summary>Kinds of <see cref="TrainingMark"/>.</summary>
public static class TrainingMarks
{
    /// <summary>A phase, from its step until its last.</summary>
    public const string Phase = "phase";

    /// <summary>The end of a warm-up.</summary>
    public const string WarmupEnd = "warmup_end";

    /// <summary>An alarm.</summary>
    public const string Alarm = "alarm";

    /// <summary>What was done because of an alarm: stop, roll_back or lower_rate.</summary>
    public const string Action = "action";

    /// <summary>The best evaluation so far; its name is the series that decides.</summary>
    public const string Best = "best";

    /// <summary>A checkpoint that was kept.</summary>
    public const string Checkpoint = "checkpoint";
}
