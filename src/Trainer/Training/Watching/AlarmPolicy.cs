namespace Trainer.Training.Watching;

/// <summary>What an alarm does.</summary>
public enum AlarmPolicy
{
    /// <summary>Nothing: it is not looked for.</summary>
    Off,

    /// <summary>It is told and marked in the series; the training goes on.</summary>
    Tell,

    /// <summary>It is told, and the training ends as if its last step were done.</summary>
    Stop,

    /// <summary>It is told, the weights and the optimizer go back to the best evaluation, and the training goes on at a lower rate. Where nothing better was seen, the rate alone is lowered.</summary>
    RollBack,

    /// <summary>It is told, and the training goes on at a lower rate.</summary>
    LowerRate,
}
