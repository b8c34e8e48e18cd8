using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Schedules;

/// <summary>Makes the runs of backfills, as many at a time as each allows. A nominal time that has a run, of whichever kind, gets no second one.</summary>
sealed class Backfills(LedgerDb ledger, History history, string? worker, ScheduledJobReader reader)
{
    const int Batch = 100;

    /// <summary>Looks once at every backfill that is not through.</summary>
    public void Look(List<string> started, CancellationToken cancellationToken)
    {
        foreach (var id in ledger.Read(db => db.Query("SELECT backfill_id FROM backfill WHERE ended_us IS NULL ORDER BY created_us, backfill_id", r => r.Text(0))))
        {
            ScheduledPlan? plan = null;
            while (!cancellationToken.IsCancellationRequested && Step(id, ref plan, started))
            {
            }
        }
    }

    bool Step(string id, ref ScheduledPlan? plan, List<string> started)
    {
        var (row, free) = ledger.Read(db => (ScheduleRows.Find(db, Load(db, id).Key)!, Free(db, Load(db, id))));
        if (free <= 0)
        {
            return false;
        }

        var ready = plan ??= ScheduledJobs.Plan(row, reader);
        var (made, more) = ledger.Write(db => Write(db, id, row, ready));
        started.AddRange(made);
        return more;
    }

    static BackfillRow Load(LedgerConnection db, string id) => db.First($"SELECT {BackfillRow.Columns} FROM backfill WHERE backfill_id=?1", BackfillRow.Map, id)!;

    static int Free(LedgerConnection db, BackfillRow backfill) =>
        backfill.Parallel - (int)db.Number("SELECT COUNT(*) FROM run WHERE backfill_id=?1 AND state IN('queued','running','interrupted')", backfill.Id);

    (List<string> Made, bool More) Write(LedgerConnection db, string id, ScheduleRow row, ScheduledPlan plan)
    {
        var (backfill, now, made) = (Load(db, id), history.Time.Micros(), new List<string>());
        var free = Math.Min(Free(db, backfill), Batch);
        if (backfill.Ended is not null || free <= 0)
        {
            return (made, false);
        }

        var (cursor, handled) = (backfill.Cursor, 0);
        var after = backfill.Cursor < backfill.From ? backfill.From : backfill.Cursor.AddTicks(1);
        foreach (var time in BackfillRow.Times(row, after, backfill.To))
        {
            if (free == 0 || handled == Batch)
            {
                db.Execute("UPDATE backfill SET cursor_us=?2 WHERE backfill_id=?1", id, cursor.Micros());
                return (made, free > 0);
            }

            (cursor, handled) = (time, handled + 1);
            free -= One(db, backfill, row, plan, time, made, now);
        }

        db.Execute("UPDATE backfill SET cursor_us=?2, ended_us=?3 WHERE backfill_id=?1", id, cursor.Micros(), now);
        return (made, false);
    }

    /// <summary>Makes the run of one nominal time; the number of runs made.</summary>
    int One(LedgerConnection db, BackfillRow backfill, ScheduleRow row, ScheduledPlan plan, DateTimeOffset time, List<string> made, long now)
    {
        if (plan.Fault is { } fault)
        {
            TickRows.Add(db, row.Key, "backfill", time, backfill.Id, "error", null, fault, now);
            return 0;
        }

        var id = history.Time.NewId();
        var request = new RunRequest(backfill.Actor, "backfill", backfill.Reason)
        {
            ScheduleKey = row.Key,
            Nominal = time,
            NominalEnd = row.Nominals(time).Select(t => (DateTimeOffset?)t).FirstOrDefault(),
            BackfillId = backfill.Id,
            Priority = row.Priority,
        };
        if (!RunRows.Insert(db, history, worker, id, plan.Job!, plan.Nodes, request))
        {
            TickRows.Add(db, row.Key, "backfill", time, backfill.Id, "exists", ScheduleWriter.Existing(db, plan.Job!.Name, row.Key, time, ""), "this fire time has its run already", now);
            return 0;
        }

        TickRows.Add(db, row.Key, "backfill", time, backfill.Id, "fired", id, null, now);
        made.Add(id);
        return 1;
    }
}
