using System.Text.Json;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Schedules;

/// <summary>What people do to schedules, from the command line or the dashboard: each act is one transaction with its line in <c>audit</c>. A live serve sees it with its next look.</summary>
/// <param name="ledger">The ledger.</param>
/// <param name="history">Tells of new runs.</param>
/// <param name="reader">Reads job files.</param>
sealed class ScheduleControl(LedgerDb ledger, History history, ScheduledJobReader reader)
{
    /// <summary>Stops a schedule from firing.</summary>
    /// <exception cref="WorkflowException">There is no such schedule, or no reason.</exception>
    public ScheduleRow Pause(string name, string actor, string reason) => Change(name, actor, "schedule.pause", reason, (db, row, now) =>
    {
        if (reason.Trim().Length == 0)
        {
            throw new WorkflowException("A pause needs a reason: whoever finds the schedule paused wants to know why. Give one with --reason.", exitCode: 2);
        }

        db.Execute("UPDATE schedule SET paused_us=COALESCE(paused_us, ?2), paused_by=?3, paused_reason=?4 WHERE schedule_key=?1", row.Key, now.Micros(), actor, reason.Trim());
    });

    /// <summary>Lets a paused schedule fire again, from now on; what came due meanwhile is listed as paused.</summary>
    /// <exception cref="WorkflowException">It is not paused, or its job file pauses it.</exception>
    public ScheduleRow Resume(string name, string actor, string? reason) => Change(name, actor, "schedule.resume", reason, (db, row, now) =>
    {
        if (row.PausedReason is null)
        {
            throw new WorkflowException(row.FilePaused is { } why
                ? $"The schedule {row.Key} is paused by its job file: {why}. Take `paused` out of {row.File}."
                : $"The schedule {row.Key} is not paused.");
        }

        Settle(db, row, now);
        db.Execute("UPDATE schedule SET paused_us=NULL, paused_by=NULL, paused_reason=NULL WHERE schedule_key=?1", row.Key);
    });

    /// <summary>Ends a schedule; its history stays, and declaring it again starts it anew.</summary>
    public ScheduleRow Remove(string name, string actor, string? reason) => Change(name, actor, "schedule.remove", reason, (db, row, now) =>
        ScheduleDeclarations.Withdraw(db, row.Key, $"removed by {actor}{(reason is { Length: > 0 } ? $": {reason}" : "")}", now.Micros()));

    /// <summary>Makes a run now, whatever the schedule's state and overlap policy.</summary>
    /// <returns>The run's id.</returns>
    /// <exception cref="WorkflowException">The job file is at fault.</exception>
    public string Trigger(string name, string actor, string? reason)
    {
        var row = ledger.Read(db => ScheduleRows.Resolve(db, name));
        var plan = ScheduledJobs.Plan(row, reader);
        if (plan.Fault is { } fault)
        {
            throw new WorkflowException(fault);
        }

        var id = ledger.Time.NewId();
        Change(row.Key, actor, "schedule.trigger", reason, (db, current, now) =>
        {
            var request = new RunRequest(actor, "manual", reason) { ScheduleKey = row.Key, Nominal = now, Priority = current.Priority };
            RunRows.Insert(db, history, null, id, plan.Job!, plan.Nodes, request);
            TickRows.Add(db, row.Key, "manual", now, id, "fired", id, reason, now.Micros());
        });
        return id;
    }

    /// <summary>The nominal times of a backfill, and the run each has already.</summary>
    public IReadOnlyList<(DateTimeOffset Nominal, string? RunId)> BackfillTimes(string name, DateTimeOffset from, DateTimeOffset to) => ledger.Read(db =>
    {
        var row = Timed(db, name, from, to);
        return Times(row, from, to).ConvertAll(t => (t, (string?)ScheduleWriter.Existing(db, row.Job, row.Key, t, "")));
    });

    /// <summary>Asks for one run per nominal time in a range. The same range again makes only what is missing.</summary>
    /// <param name="name">The schedule.</param>
    /// <param name="from">First instant.</param>
    /// <param name="to">First instant after it.</param>
    /// <param name="parallel">Runs that may be unfinished at a time.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why, or null.</param>
    /// <exception cref="WorkflowException">No nominal time is in the range, or more than 100,000 are.</exception>
    public BackfillRow Backfill(string name, DateTimeOffset from, DateTimeOffset to, int parallel, string actor, string? reason)
    {
        var id = ledger.Time.NewId();
        Change(name, actor, "schedule.backfill", reason, (db, row, now) =>
        {
            Timed(db, row.Key, from, to);
            db.Execute("INSERT INTO backfill(backfill_id, schedule_key, from_us, to_us, parallel, total, cursor_us, actor, reason, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                id, row.Key, from.Micros(), to.Micros(), parallel, Times(row, from, to).Count, from.Micros() - 1, actor, reason, now.Micros());
        });
        return ledger.Read(db => db.First($"SELECT {BackfillRow.Columns} FROM backfill WHERE backfill_id=?1", BackfillRow.Map, id))!;
    }

    static List<DateTimeOffset> Times(ScheduleRow row, DateTimeOffset from, DateTimeOffset to)
    {
        const int most = 100_000;
        var times = BackfillRow.Times(row, from, to).Take(most + 1).ToList();
        return times.Count switch
        {
            0 => throw new WorkflowException($"No nominal time of {row.Key} ({row.Cron} in {row.Zone}) is in the range from {from.UtcDateTime:yyyy-MM-dd HH:mm}Z to {to.UtcDateTime:yyyy-MM-dd HH:mm}Z.", exitCode: 2),
            > most => throw new WorkflowException($"More than {most:#,0} nominal times of {row.Key} are in the range; fill it in parts.", exitCode: 2),
            _ => times,
        };
    }

    static ScheduleRow Timed(LedgerConnection db, string name, DateTimeOffset from, DateTimeOffset to)
    {
        var row = ScheduleRows.Resolve(db, name);
        if (row.Cron is null)
        {
            throw new WorkflowException($"The schedule {row.Key} is rung by the data set {row.Dataset} and has no nominal times to fill. Trigger it instead: workflow schedule trigger {row.Key}", exitCode: 2);
        }

        return to > from ? row : throw new WorkflowException($"Found a range that ends ({to.UtcDateTime:yyyy-MM-dd HH:mm}Z) before it begins ({from.UtcDateTime:yyyy-MM-dd HH:mm}Z); expected --to after --from.", exitCode: 2);
    }

    /// <summary>Lists what came due until now as the pause would have it, and goes on from there.</summary>
    void Settle(LedgerConnection db, ScheduleRow row, DateTimeOffset now)
    {
        var decision = new Decision(row, now, TimeSpan.Zero, 0, false);
        var intents = row.Dataset is null ? decision.OfTimes([.. row.Due(now)]) : decision.OfVersions(ScheduleRows.Versions(db, row, -1));
        if (intents.Count > 0)
        {
            new ScheduleWriter(db, history, null, row, null).Write(intents);
        }
    }

    ScheduleRow Change(string name, string actor, string action, string? reason, Action<LedgerConnection, ScheduleRow, DateTimeOffset> change) => ledger.Write(db =>
    {
        var (row, now) = (ScheduleRows.Resolve(db, name), ledger.Time.GetUtcNow());
        change(db, row, now);
        db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason, before_json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", now.Micros(), actor, action, row.Key, reason is { Length: > 0 } ? reason : null,
            JsonSerializer.Serialize(new { state = row.State, paused = row.Paused, cron = row.Cron, dataset = row.Dataset }));
        return ScheduleRows.Find(db, row.Key)!;
    });
}
