using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Rows of runs to their shape.</summary>
static class RunItems
{
    /// <summary>One of a list.</summary>
    public static RunItem Of(RunRow run) => new(run.RunId, run.Job, run.State, run.Started ?? run.Created, run.Ended, run.Trigger, run.Nodes, run.Done, run.Reused,
        run is { Started: { } from, Ended: { } to } ? (to - from).TotalSeconds : null);
}
