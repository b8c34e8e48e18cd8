using DataPrep;
using Workflow.Jobs;

namespace Workflow.Runs;

/// <summary>How often and after what wait a node is tried again.</summary>
static class Retries
{
    /// <summary>Tries that a policy allows for faults of a class.</summary>
    public static int Allowed(RetryPolicy policy, FaultClass kind) => kind switch
    {
        FaultClass.Transient => policy.Transient,
        FaultClass.Resource => policy.Resource,
        FaultClass.Data => policy.Data,
        FaultClass.Code => policy.Code,
        _ => 0,
    };

    /// <summary>
    /// Wait before the next try: doubles with each fault of the class up to the limit, then is moved by up to the jitter's share. The jitter derives from run, node and epoch, so a wait can be told again.
    /// </summary>
    /// <param name="policy">The stage's policy.</param>
    /// <param name="options">Where the policy is silent.</param>
    /// <param name="claim">The attempt that failed.</param>
    /// <param name="faults">Faults of the class so far, at least 1.</param>
    public static TimeSpan Wait(RetryPolicy policy, HostOptions options, Claim claim, long faults)
    {
        var limit = policy.WaitLimit ?? options.BackoffLimit;
        var wait = (policy.Wait ?? options.Backoff) * Math.Pow(2, Math.Min(faults - 1, 20));
        var share = (StableHash.Of(claim.Epoch, claim.RunId, claim.NodeId) >> 11) * (1.0 / (1UL << 53));
        return (wait < limit ? wait : limit) * (1 + (policy.Jitter * ((2 * share) - 1)));
    }
}
