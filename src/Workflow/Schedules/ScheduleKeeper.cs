using Workflow.Engine;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Schedules;

/// <summary>
/// Makes the runs that schedules, data sets and backfills call for. The ledger decides: a run, what became of its nominal time and how far the schedule has come are one transaction,
/// so that a fire time makes one run however often, late, doubled or reordered its bell rings, and whoever looks.
/// </summary>
/// <param name="ledger">The ledger.</param>
/// <param name="history">Tells of new runs.</param>
/// <param name="worker">Who is to execute them, see <c>worker.worker_id</c>; null leaves them to whoever serves.</param>
/// <param name="reader">Reads job files.</param>
sealed class ScheduleKeeper(LedgerDb ledger, History history, string? worker, ScheduledJobReader reader)
{
    /// <summary>Runs that one transaction makes at most.</summary>
    const int Batch = 100;

    bool refreshed;

    /// <summary>Later than this past its ring, a fire time is a missed one.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Looks once at everything that is due.</summary>
    /// <returns>Runs to start, oldest first: those made, and those made by commands that nobody executes yet.</returns>
    public Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken) => Task.Run(() => Look(cancellationToken), cancellationToken);

    /// <summary>The alarms to set: each schedule's next ring, after a look. One that has rung and waits for a run to end needs none: the sweep looks.</summary>
    public IReadOnlyList<EngineAlarm> Alarms() => ledger.Read(db => db.Query(
        "SELECT schedule_key, ring_us FROM schedule WHERE withdrawn_us IS NULL AND ring_us IS NOT NULL AND ring_us>?1 ORDER BY ring_us, schedule_key", r => new EngineAlarm(r.Text(0), LedgerTime.FromMicros(r.Number(1))),
        ledger.Time.Micros()));

    /// <summary>When the next schedule rings after now; null where none does.</summary>
    public DateTimeOffset? NextDue() => Alarms() is [var first, ..] ? first.Due : null;

    IReadOnlyList<string> Look(CancellationToken cancellationToken)
    {
        var now = ledger.Time.GetUtcNow();
        var started = new List<string>();
        Refresh();
        SchedulePauses.EndDue(ledger, history);
        foreach (var key in ledger.Read(db => Ringing(db, now)))
        {
            ScheduledPlan? plan = null;
            while (!cancellationToken.IsCancellationRequested && Step(key, now, ref plan, started))
            {
            }
        }

        new Backfills(ledger, history, worker, reader).Look(started, cancellationToken);
        Adopt(started);
        return started;
    }

    /// <summary>Once: the next fire times as the zones' rules are now. They may have changed since another process wrote them, with an update of the machine's time zone data.</summary>
    void Refresh()
    {
        if (refreshed)
        {
            return;
        }

        if (ledger.Read(db => Stale(db).Count) > 0)
        {
            ledger.Write(db =>
            {
                foreach (var row in Stale(db))
                {
                    ScheduleRows.Advance(db, row, row.Cursor);
                }
            });
        }

        refreshed = true;
    }

    static List<ScheduleRow> Stale(LedgerConnection db) =>
        ScheduleRows.All(db, withdrawn: false).FindAll(r => r.Cron is not null && r.Nominals(r.Cursor).Select(t => (DateTimeOffset?)t).FirstOrDefault() != r.Next);

    static List<string> Ringing(LedgerConnection db, DateTimeOffset now) => db.Query("""
        SELECT schedule_key FROM schedule WHERE withdrawn_us IS NULL AND ring_us IS NOT NULL AND ring_us<=?1
        UNION SELECT schedule_key FROM schedule_tick WHERE outcome='queued'
        UNION SELECT s.schedule_key FROM schedule s WHERE s.withdrawn_us IS NULL AND s.dataset IS NOT NULL
          AND s.seen_seq < (SELECT MAX(v.seq) FROM dataset_version v WHERE v.dataset=s.dataset)
        ORDER BY 1
        """, r => r.Text(0), now.Micros());

    /// <summary>One transaction's worth of one schedule; true where there is more to do at once.</summary>
    bool Step(string key, DateTimeOffset now, ref ScheduledPlan? plan, List<string> started)
    {
        // Planning hashes files and must not hold the ledger: see first whether there is anything to plan for.
        if (plan is null && ledger.Read(db => Decide(db, key, now)) is var (row, first, _))
        {
            if (first.Count == 0)
            {
                return false;
            }

            if (first.Any(NeedsPlan))
            {
                plan = ScheduledJobs.Plan(row, reader);
                Chaos.Point("schedule.planned");
            }
        }

        var ready = plan;
        var (made, more) = ledger.Write(db =>
        {
            var (row, intents, more) = Decide(db, key, now);
            if (intents.Count == 0 || (ready is null && intents.Any(NeedsPlan)))
            {
                // Somebody else was here meanwhile, and what is due now needs a plan: look again.
                return ([], intents.Count > 0);
            }

            var made = new ScheduleWriter(db, history, worker, row, ready).Write(intents);
            Chaos.Point("schedule.inside");
            return (made, more);
        });
        Chaos.Point("schedule.after");
        started.AddRange(made);
        return more;
    }

    static bool NeedsPlan(Intent intent) => intent.Outcome is "fired" or "release";

    (ScheduleRow Row, IReadOnlyList<Intent> Intents, bool More) Decide(LedgerConnection db, string key, DateTimeOffset now)
    {
        var row = ScheduleRows.Find(db, key)!;
        if (row.Withdrawn is not null)
        {
            return (row, [], false);
        }

        var active = row.Overlap == Overlap.Allow ? 0 : db.Query(ScheduleRows.Active, r => r.Text(0), key).Count;
        var waiting = db.Number("SELECT COUNT(*) FROM schedule_tick WHERE schedule_key=?1 AND outcome='queued'", key) > 0;
        var decision = new Decision(row, now, Grace, active, waiting);
        if (row.Dataset is not null)
        {
            var versions = ScheduleRows.Versions(db, row, row.Misfire == Misfire.All ? Batch : -1);
            var intents = decision.OfVersions(versions);
            return (row, intents, versions.Count == Batch && intents.Count == Batch);
        }

        // Each of `all` is a run, a transaction's worth at a time; of the others at most the newest few are.
        var due = (row.Misfire == Misfire.All && row.Paused is null ? row.Due(now).Take(Batch) : row.Due(now)).ToList();
        var decided = decision.OfTimes(due);
        return (row, decided, row.Misfire == Misfire.All && due.Count == Batch && decided.Count >= Batch);
    }

    /// <summary>Takes up runs that a command made while nobody served.</summary>
    void Adopt(List<string> started)
    {
        const string open = "SELECT run_id FROM run WHERE state='queued' AND worker_id IS NULL AND schedule_key IS NOT NULL ORDER BY created_us, run_id";
        if (worker is null || ledger.Read(db => db.Query(open, r => r.Text(0))).Count == 0)
        {
            return;
        }

        started.AddRange(ledger.Write(db =>
        {
            var mine = db.Query(open, r => r.Text(0));
            foreach (var run in mine)
            {
                db.Execute("UPDATE run SET worker_id=?2 WHERE run_id=?1", run, worker);
            }

            return mine;
        }));
    }
}
