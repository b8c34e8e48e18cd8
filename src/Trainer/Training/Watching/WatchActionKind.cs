namespace Trainer.Training.Watching;

/// <summary>What a training must do after an evaluation, the mildest first.</summary>
public enum WatchActionKind
{
    /// <summary>Go on.</summary>
    None,

    /// <summary>Go on at the rate of <see cref="WatchState.RateFactor"/>.</summary>
    LowerRate,

    /// <summary>Go back to weights and optimizer of the best evaluation, then on at the rate of <see cref="WatchState.RateFactor"/>. Steps and data go on where they are.</summary>
    RollBack,

    /// <summary>End as if the last step were done.</summary>
    Stop,
}
