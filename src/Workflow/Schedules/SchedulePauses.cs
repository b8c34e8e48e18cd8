using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Runs.Acts;

namespace Workflow.Schedules;

/// <summary>The ends of pauses made by hand.</summary>
static class SchedulePauses
{
    /// <summary>Ends a pause inside the caller's transaction: what came due until an instant is listed as paused, and the schedule goes on from there.</summary>
    /// <param name="db">The open transaction.</param>
    /// <param name="history">The clock.</param>
    /// <param name="row">The schedule, read in this transaction.</param>
    /// <param name="end">When the pause ends; not in the future.</param>
    public static void End(LedgerConnection db, History history, ScheduleRow row, DateTimeOffset end)
    {
        var decision = new Decision(row, end, TimeSpan.Zero, 0, false);
        var intents = row.Withdrawn is not null ? [] : row.Dataset is null ? decision.OfTimes([.. row.Due(end)]) : decision.OfVersions(ScheduleRows.Versions(db, row, -1).FindAll(v => v.Made <= end));
        if (intents.Count > 0)
        {
            new ScheduleWriter(db, history, null, row, null).Write(intents);
        }

        db.Execute("UPDATE schedule SET paused_us=NULL, paused_by=NULL, paused_reason=NULL, paused_until_us=NULL WHERE schedule_key=?1", row.Key);
    }

    /// <summary>Ends the pauses whose end has come, each as of that instant and with its line in the audit. What came due since, while nobody looked, is for the misfire policy.</summary>
    public static void EndDue(LedgerDb ledger, History history)
    {
        if (ledger.Read(db => Due(db, ledger.Time.Micros()).Count) == 0)
        {
            return;
        }

        ledger.Write(db =>
        {
            var now = ledger.Time.Micros();
            foreach (var row in Due(db, now).ConvertAll(k => ScheduleRows.Find(db, k)!))
            {
                End(db, history, row, row.PausedUntil!.Value);
                Audit.Add(db, now, "workflow", "schedule.resume", row.Key, $"the end of the pause by {row.PausedBy} has come", new { state = row.State, paused = row.Paused, until = row.PausedUntil });
            }
        });
    }

    static List<string> Due(LedgerConnection db, long now) => db.Query("SELECT schedule_key FROM schedule WHERE paused_until_us<=?1", r => r.Text(0), now);
}
