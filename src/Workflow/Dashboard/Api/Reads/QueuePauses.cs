using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Queues in which nothing new starts.</summary>
static class QueuePauses
{
    /// <summary>The pauses that hold now, by queue.</summary>
    public static Dictionary<string, (string Reason, string By, DateTimeOffset? Until)> Read(LedgerConnection db) => [];
}
