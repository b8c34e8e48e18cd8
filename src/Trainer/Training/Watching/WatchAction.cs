namespace Trainer.Training.Watching;

/// <summary>What a training must do after an evaluation.</summary>
/// <param name="Kind">What.</param>
/// <param name="Factor">What the rate is multiplied with from here on; 1 where it stays.</param>
/// <param name="Reason">Why, in words; empty for nothing.</param>
public sealed record WatchAction(WatchActionKind Kind, double Factor = 1, string Reason = "")
{
    /// <summary>Its name in series and job files: none, lower_rate, roll_back, stop.</summary>
    public string Name => Kind switch
    {
        WatchActionKind.LowerRate => "lower_rate",
        WatchActionKind.RollBack => "roll_back",
        WatchActionKind.Stop => "stop",
        _ => "none",
    };
}
