using Workflow.Ledger;

namespace Workflow.Schedules;

/// <summary>Rows of schedules.</summary>
static class ScheduleRows
{
    /// <summary>Runs that count for the overlap policy: not those of a backfill, and an interrupted one only where a serve goes on with it.</summary>
    public const string Active = """
        SELECT r.run_id FROM run r WHERE r.schedule_key=?1 AND r.schedule_key IS NOT NULL AND r.state IN('queued','running','interrupted') AND r.trigger_kind<>'backfill'
          AND (r.state<>'interrupted' OR EXISTS (SELECT 1 FROM worker w WHERE w.worker_id=r.worker_id AND w.role='serve'))
        """;

    /// <summary>A schedule by its key, withdrawn or not; null where there is none.</summary>
    public static ScheduleRow? Find(LedgerConnection db, string key) => db.First($"SELECT {ScheduleRow.Columns} FROM schedule WHERE schedule_key=?1", ScheduleRow.Map, key);

    /// <summary>All schedules by key.</summary>
    public static List<ScheduleRow> All(LedgerConnection db, bool withdrawn) =>
        db.Query($"SELECT {ScheduleRow.Columns} FROM schedule WHERE ?1 OR withdrawn_us IS NULL ORDER BY schedule_key", ScheduleRow.Map, withdrawn);

    /// <summary>A schedule by its key, or by the job where that has one alone.</summary>
    /// <exception cref="WorkflowException">None or several fit.</exception>
    public static ScheduleRow Resolve(LedgerConnection db, string name)
    {
        var rows = All(db, withdrawn: false);
        var fits = rows.Where(r => r.Key == name).ToList() is [var exact] ? [exact] : rows.Where(r => r.Job == name || r.Name == name).ToList();
        if (fits is [var only])
        {
            return only;
        }

        var known = rows.Count == 0 ? "There is none in this home: `workflow schedule add JOB.yaml` declares those of a job file." : $"Known: {string.Join(", ", rows.Select(r => r.Key))}.";
        throw new WorkflowException(fits.Count == 0
            ? $"No schedule '{name}' in this home{(Jobs.NearestName.Of(name, rows.Select(r => r.Key)) is { } near ? $"; did you mean '{near}'?" : ".")} {known}"
            : $"'{name}' fits several schedules: {string.Join(", ", fits.Select(r => r.Key))}. Name one.", exitCode: 2);
    }

    /// <summary>The versions of its data set that are not decided, oldest first.</summary>
    public static List<(long Seq, DateTimeOffset Made)> Versions(LedgerConnection db, ScheduleRow row, int limit) =>
        db.Query("SELECT seq, created_us FROM dataset_version WHERE dataset=?1 AND seq>?2 ORDER BY seq LIMIT ?3", r => (r.Number(0), LedgerTime.FromMicros(r.Number(1))), row.Dataset, row.SeenSeq, limit);

    /// <summary>Moves the cursor forward and finds the next fire time; the cursor never goes back.</summary>
    public static void Advance(LedgerConnection db, ScheduleRow row, DateTimeOffset cursor)
    {
        var from = cursor > row.Cursor ? cursor : row.Cursor;
        DateTimeOffset? next = row.Nominals(from).Select(t => (DateTimeOffset?)t).FirstOrDefault();
        db.Execute("UPDATE schedule SET cursor_us=?2, next_us=?3, ring_us=?4 WHERE schedule_key=?1", row.Key, from.Micros(), next?.Micros(), next is { } time ? row.RingOf(time).Micros() : null);
    }
}
