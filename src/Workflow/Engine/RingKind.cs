namespace Workflow.Engine;

/// <summary>What a ring is about.</summary>
public enum RingKind
{
    /// <summary>A run may have something to do; the key is its id.</summary>
    Run,

    /// <summary>A run is to be cancelled; the key is its id.</summary>
    Cancel,

    /// <summary>The time of an alarm has come; the key is the alarm's.</summary>
    Alarm,
}
