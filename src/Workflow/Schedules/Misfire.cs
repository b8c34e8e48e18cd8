namespace Workflow.Schedules;

/// <summary>What becomes of fire times that nobody looked at in time (the scheduler was down, or its clock jumped).</summary>
public enum Misfire
{
    /// <summary>They are missed; the schedule goes on with the next.</summary>
    Skip,

    /// <summary>The newest of them runs, once; the others are missed.</summary>
    Once,

    /// <summary>Each of them runs, oldest first.</summary>
    All,
}
