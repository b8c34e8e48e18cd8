namespace Workflow.Runs;

/// <summary>What kind of thing went wrong: decides how often a node is tried again, see <see cref="Jobs.RetryPolicy"/>.</summary>
enum FaultClass
{
    /// <summary>Not a fault: cancelled, fenced.</summary>
    None,

    /// <summary>May pass by itself: network, locks, time-outs.</summary>
    Transient,

    /// <summary>The machine lacked something: disk, memory.</summary>
    Resource,

    /// <summary>Data or options.</summary>
    Data,

    /// <summary>The program.</summary>
    Code,
}
