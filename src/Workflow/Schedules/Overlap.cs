namespace Workflow.Schedules;

/// <summary>What becomes of a fire time while a run of the same schedule has not ended.</summary>
public enum Overlap
{
    /// <summary>It is skipped.</summary>
    Skip,

    /// <summary>It waits for that run to end; one waits at most, others are skipped.</summary>
    QueueOne,

    /// <summary>That run is cancelled, and a new one starts.</summary>
    CancelPrevious,

    /// <summary>Both run.</summary>
    Allow,
}
