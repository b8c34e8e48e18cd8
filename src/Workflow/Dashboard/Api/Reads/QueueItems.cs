using Workflow.Dashboard.Api.Shapes;
using Workflow.Runs.Acts;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Rows of queues to their shape.</summary>
static class QueueItems
{
    /// <summary>A queue.</summary>
    public static QueueItem Of(QueueRow row) => new(row.Name, row.State, row.Ready, row.Busy, row.Slots, row.PausedAt, row.PausedBy, row.Reason, row.Until);
}
