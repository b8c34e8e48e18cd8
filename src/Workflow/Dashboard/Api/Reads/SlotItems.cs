using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Rows of named slots to their shape.</summary>
static class SlotItems
{
    /// <summary>One row of a slot's history.</summary>
    public static SlotItem Of(ModelSlotRow row) => new(row.Name, row.Seq, row.ArtifactId, row.RunId, row.Set.ToString("O"), row.Actor, row.Reason);
}
