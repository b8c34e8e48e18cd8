namespace Trainer.Training;

/// <summary>Something that happened to a training and that its ledger should keep.</summary>
/// <param name="Kind">What, as <see cref="MiniBatchSize.OutOfMemory"/>.</param>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Text">In words.</param>
public sealed record TrainEvent(string Kind, long Step, string Text)
{
    /// <summary>The value that changed, before.</summary>
    public long? Before { get; init; }

    /// <summary>The value that changed, after.</summary>
    public long? After { get; init; }

    /// <summary>What the job has an alarm do: tell, stop, roll_back or lower_rate; null for what is no alarm.</summary>
    public string? Policy { get; init; }
}
