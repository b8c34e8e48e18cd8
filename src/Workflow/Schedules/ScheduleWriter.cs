using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Schedules;

/// <summary>Writes what was decided for one schedule: runs, ticks and the cursor, all inside the caller's transaction.</summary>
/// <param name="db">The open transaction.</param>
/// <param name="history">Tells of new runs.</param>
/// <param name="worker">Who is to execute them, or null.</param>
/// <param name="row">The schedule, read in this transaction.</param>
/// <param name="plan">The plan of its runs; null where none is made.</param>
sealed class ScheduleWriter(LedgerConnection db, History history, string? worker, ScheduleRow row, ScheduledPlan? plan)
{
    readonly long now = history.Time.Micros();
    readonly List<string> made = [];

    /// <summary>Writes all of it and moves the cursor.</summary>
    /// <returns>Ids of the runs made.</returns>
    public List<string> Write(IReadOnlyList<Intent> intents)
    {
        TickRows.AddAll(db, row.Key, [.. intents.Where(i => i.Seq == 0 && i.Outcome is not ("fired" or "release"))], now);
        foreach (var intent in intents)
        {
            if (intent.Outcome == "release")
            {
                Release();
            }
            else if (intent.Outcome == "fired")
            {
                Fire(intent);
            }
            else if (intent.Seq > 0)
            {
                TickRows.Add(db, row.Key, "upstream", intent.Nominal, Mark(intent.Seq), intent.Outcome, null, intent.Reason, now);
            }
        }

        if (row.Dataset is not null)
        {
            db.Execute("UPDATE schedule SET seen_seq=MAX(seen_seq, ?2) WHERE schedule_key=?1", row.Key, intents.Max(i => i.Seq));
        }
        else if (intents.Any(i => i.Outcome != "release"))
        {
            ScheduleRows.Advance(db, row, intents.Max(i => i.Nominal));
        }

        return made;
    }

    string Mark(long seq) => seq == 0 ? "" : $"{row.Dataset}@{seq}";

    void Fire(Intent intent)
    {
        var kind = intent.Seq == 0 ? "cron" : "upstream";
        if (plan!.Fault is { } fault)
        {
            TickRows.Add(db, row.Key, kind, intent.Nominal, Mark(intent.Seq), "error", null, fault, now);
            return;
        }

        var cancelled = row.Overlap == Overlap.CancelPrevious ? CancelActive() : [];
        var (id, fresh) = Insert(kind, intent.Nominal, Mark(intent.Seq));
        var reason = cancelled.Count == 0 ? intent.Reason : $"cancelled {string.Join(", ", cancelled)}";
        TickRows.Add(db, row.Key, kind, intent.Nominal, Mark(intent.Seq), fresh ? "fired" : "exists", id, fresh ? reason : "this fire time has its run already", now);
    }

    void Release()
    {
        var (tick, nominal) = db.First("SELECT tick_id, nominal_us FROM schedule_tick WHERE schedule_key=?1 AND outcome='queued' ORDER BY tick_id LIMIT 1", r => (r.Number(0), LedgerTime.FromMicros(r.Number(1))), row.Key);
        if (plan!.Fault is { } fault)
        {
            db.Execute("UPDATE schedule_tick SET outcome='error', reason=?2, decided_us=?3 WHERE tick_id=?1", tick, fault, now);
            return;
        }

        var (id, fresh) = Insert("cron", nominal, "");
        db.Execute("UPDATE schedule_tick SET outcome=?2, run_id=?3, reason=?4, decided_us=?5 WHERE tick_id=?1", tick, fresh ? "fired" : "exists", id,
            fresh ? "waited for the run before it" : "this fire time has its run already", now);
    }

    /// <summary>Makes a run, or finds the one that this nominal time has.</summary>
    (string Id, bool Fresh) Insert(string trigger, DateTimeOffset nominal, string partition)
    {
        var id = history.Time.NewId();
        var request = new RunRequest(row.Key, trigger)
        {
            ScheduleKey = row.Key,
            Nominal = nominal,
            NominalEnd = row.Cron is null ? null : row.Nominals(nominal).Select(t => (DateTimeOffset?)t).FirstOrDefault(),
            PartitionKey = partition,
            Priority = row.Priority,
        };
        if (RunRows.Insert(db, history, worker, id, plan!.Job!, plan.Nodes, request))
        {
            made.Add(id);
            return (id, true);
        }

        return (Existing(db, plan.Job!.Name, row.Key, nominal, partition), false);
    }

    /// <summary>The run that a nominal time of a schedule has.</summary>
    public static string Existing(LedgerConnection db, string job, string key, DateTimeOffset nominal, string partition) => db.Text("""
        SELECT run_id FROM run WHERE pipeline=?1 AND schedule_key=?2 AND nominal_start_us=?3 AND partition_key=?4 AND trigger_kind IN('cron','backfill') AND resume_of IS NULL
        """, job, key, nominal.Micros(), partition)!;

    /// <summary>Asks the runs of the schedule that have not ended to stop; one that nothing executes ends here.</summary>
    List<string> CancelActive()
    {
        var active = db.Query(ScheduleRows.Active, r => r.Text(0), row.Key);
        foreach (var run in active)
        {
            db.Execute("UPDATE run SET cancel_requested_us=COALESCE(cancel_requested_us, ?2) WHERE run_id=?1", run, now);
            db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason) VALUES (?1, ?2, 'cancel', ?3, 'overlap cancel-previous')", now, row.Key, run);
            if (db.Number("SELECT COUNT(*) FROM attempt WHERE run_id=?1 AND state='running'", run) == 0)
            {
                NodeStates.RollUp(db, history, run, now);
            }
        }

        made.RemoveAll(active.Contains);
        return active;
    }
}
