using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Runs.Acts;

namespace Workflow.Schedules;

/// <summary>What people do to schedules, from the command line or the dashboard: each act is one transaction with its line in <c>audit</c>. A live serve sees it with its next look.</summary>
/// <param name="ledger">The ledger.</param>
/// <param name="history">Tells of new runs.</param>
/// <param name="reader">Reads job files.</param>
sealed class ScheduleControl(LedgerDb ledger, History history, ScheduledJobReader reader)
{
    /// <summary>Stops a schedule from firing.</summary>
    /// <param name="name">The schedule.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="reason">Why.</param>
    /// <param name="until">When it goes on by itself, or null; told the schedule.</param>
    /// <exception cref="WorkflowException">There is no such schedule, no reason, or the end is not in the future.</exception>
    public ScheduleRow Pause(string name, string actor, string reason, Func<ScheduleRow, DateTimeOffset?>? until = null) => Change(name, actor, "schedule.pause", reason, (db, row, now) =>
    {
        var why = Audit.Required(reason, "A pause");
        var end = until?.Invoke(row);
        if (end <= now)
        {
            throw new WorkflowException($"Found a pause until {end.Value.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z; expected a time after now, {now.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z.", exitCode: 2);
        }

        db.Execute("UPDATE schedule SET paused_us=COALESCE(paused_us, ?2), paused_by=?3, paused_reason=?4, paused_until_us=?5 WHERE schedule_key=?1", row.Key, now.Micros(), actor, why, end?.Micros());
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

        SchedulePauses.End(db, history, row, now);
    });

    /// <summary>What a person must know about a schedule that was removed, or null: one of a served job file comes back with it.</summary>
    public static string? Returns(ScheduleRow row) => row.Source == "serve" && File.Exists(row.File)
        ? $"{row.File} still declares it: it comes back when a job file changes or serve starts anew. Take the entry out of the file too."
        : null;

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

    ScheduleRow Change(string name, string actor, string action, string? reason, Action<LedgerConnection, ScheduleRow, DateTimeOffset> change) => ledger.Write(db =>
    {
        var (row, now) = (ScheduleRows.Resolve(db, name), ledger.Time.GetUtcNow());
        change(db, row, now);
        Audit.Add(db, now.Micros(), actor, action, row.Key, reason, new { state = row.State, paused = row.Paused, until = row.PausedUntil, cron = row.Cron, dataset = row.Dataset });
        return ScheduleRows.Find(db, row.Key)!;
    });
}
