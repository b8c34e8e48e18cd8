namespace Workflow.Outside;

/// <summary>How a process tells the outside.</summary>
public sealed record OutsideOptions
{
    /// <summary>Environment variables: addresses and secrets.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;

    /// <summary>What this process knows of itself while it serves; null where nobody asks it.</summary>
    public Health.HostPulse? Pulse { get; init; }

    /// <summary>What the end of a single run waits for slow receivers; what is not told by then is told by the next process.</summary>
    public TimeSpan Finish { get; init; } = TimeSpan.FromSeconds(5);
}
