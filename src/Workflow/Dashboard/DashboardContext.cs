using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Dashboard;

/// <summary>What every page may use.</summary>
/// <param name="Options">How it is served.</param>
/// <param name="Paths">Where things lie.</param>
/// <param name="Ledger">The ledger, opened for reading.</param>
/// <param name="Actions">Cancel and resume, or null.</param>
/// <param name="Samples">Sample rows, or null.</param>
sealed record DashboardContext(DashboardOptions Options, HomePaths Paths, LedgerDb Ledger, IRunActions? Actions, IArtifactSamples? Samples)
{
    /// <summary>What people may do here; what is null is only looked at.</summary>
    public DashboardActs Acts => Options.Acts;

    /// <summary>Now, by the given clock.</summary>
    public DateTimeOffset Now => Options.Time.GetUtcNow();
}
