using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Nominal times that a backfill would fill.</summary>
static class BackfillTimes
{
    /// <summary>Each with the run it has already; nothing is written.</summary>
    /// <exception cref="WorkflowException">No nominal time is in the range, or too many are.</exception>
    public static IEnumerable<BackfillTime> Of(LedgerDb ledger, string key, DateTimeOffset from, DateTimeOffset to) =>
        new ScheduleControl(ledger, new History(ledger.Time), (_, _, _, _) => throw new InvalidOperationException("No job is read to tell times.")).BackfillTimes(key, from, to).Select(t => new BackfillTime(t.Nominal, t.RunId));
}
