using System.ComponentModel.DataAnnotations;

namespace Workflow.Jobs;

/// <summary>How often a node is tried again, by the class of what went wrong. Attempts lost with their process or machine are counted apart and spend no try.</summary>
public sealed record RetryPolicy
{
    /// <summary>Tries where the fault may pass by itself: the network, a lock, an attempt that ran too long or made no progress.</summary>
    /// <value>Default: 5.</value>
    [Range(1, 1000)]
    public int Transient { get; init; } = 5;

    /// <summary>Tries where the machine lacked something: disk, memory, GPU memory, a kill by the kernel.</summary>
    /// <value>Default: 3.</value>
    [Range(1, 1000)]
    public int Resource { get; init; } = 3;

    /// <summary>Tries where the data or options are at fault: the same input would fail the same way.</summary>
    /// <value>Default: 1.</value>
    [Range(1, 1000)]
    public int Data { get; init; } = 1;

    /// <summary>Tries where the program is at fault: an unexpected exception or a crash.</summary>
    /// <value>Default: 3.</value>
    [Range(1, 1000)]
    public int Code { get; init; } = 3;

    /// <summary>Attempts lost with their process before the node fails: one that takes its host down each time must end.</summary>
    /// <value>Default: 20.</value>
    [Range(1, 1000)]
    public int Losses { get; init; } = 20;

    /// <summary>Wait before the second try; doubles with each.</summary>
    /// <value>Default: 1s.</value>
    public TimeSpan? Wait { get; init; }

    /// <summary>Longest wait.</summary>
    /// <value>Default: 5m.</value>
    public TimeSpan? WaitLimit { get; init; }

    /// <summary>Share of a wait by which it is lengthened or shortened, so that nodes that failed together do not come back together.</summary>
    /// <value>Default: 0.2.</value>
    [Range(0.0, 1.0)]
    public double Jitter { get; init; } = 0.2;
}
