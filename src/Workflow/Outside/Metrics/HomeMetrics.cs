using Workflow.Artifacts;
using Workflow.Ledger;

namespace Workflow.Outside.Metrics;

/// <summary>What a home holds and waits for now. Each figure is found by an index or kept as a tally.</summary>
/// <param name="paths">The home.</param>
/// <param name="ledger">Its ledger.</param>
sealed class HomeMetrics(HomePaths paths, LedgerDb ledger)
{
    const string Open = "('queued','running','interrupted')";

    /// <summary>Writes the families.</summary>
    public void Write(PrometheusText text)
    {
        var start = ledger.Time.GetTimestamp();
        ledger.Read(db =>
        {
            Write(db, text);
            return 0;
        });
        text.Gauge("workflow_ledger_bytes", "Size of the ledger.", Size(paths.Ledger));
        text.Gauge("workflow_ledger_wal_bytes", "Size of its write-ahead log.", Size(paths.Ledger + "-wal"));
        text.Gauge("workflow_disk_free_bytes", "Free space where the home lies.", new DriveInfo(paths.Root).AvailableFreeSpace);
        text.Gauge("workflow_collect_seconds", "What reading these figures took.", ledger.Time.GetElapsedTime(start).TotalSeconds);
    }

    void Write(LedgerConnection db, PrometheusText text)
    {
        var now = ledger.Time.Micros();
        text.Gauges("workflow_runs", "Runs of the home, by job and state.", Pairs(db, "SELECT pipeline, state, n FROM pipeline_tally WHERE n>0 ORDER BY 1, 2", "job", "state"));
        text.Gauges("workflow_nodes", "Nodes of runs that have not ended, by state.", Singles(db, $"SELECT n.state, SUM(n.n) FROM run r JOIN node_tally n USING(run_id) WHERE r.state IN{Open} AND n.n>0 GROUP BY 1 ORDER BY 1", "state"));
        text.Gauges("workflow_queue_depth", "Nodes ready to be claimed, by slot class.", Singles(db, "SELECT queue, n FROM job_tally WHERE state='ready' AND n>0 ORDER BY 1", "slot_class"));
        text.Gauges("workflow_queue_head_age_seconds", "Age of the run whose node is next to be claimed, by slot class.", Classes(db)
            .Select(c => (Class: c, Created: db.First("SELECT r.created_us FROM node n JOIN run r USING(run_id) WHERE n.state='ready' AND n.slot_class=?1 ORDER BY n.rank_us, n.ordinal, n.node_id LIMIT 1", r => (long?)r.Number(0), c)))
            .Where(c => c.Created is not null).Select(c => (Label("slot_class", c.Class), Seconds(now - c.Created!.Value))));
        text.Gauge("workflow_retries_waiting", "Nodes that wait for their next try.", db.Number("SELECT SUM(n) FROM job_tally WHERE state='retry_wait'"));
        text.Gauges("workflow_slots", "Slots, by class.", Singles(db, "SELECT slot_class, COUNT(*) FROM slot GROUP BY 1 ORDER BY 1", "slot_class"));
        text.Gauges("workflow_slots_used", "Slots that an attempt holds, by class.", Singles(db, "SELECT slot_class, COUNT(attempt_id) FROM slot GROUP BY 1 ORDER BY 1", "slot_class"));
        text.Gauges("workflow_attempts_running", "Attempts that run, by stage.", Singles(db, "SELECT n.stage, COUNT(*) FROM attempt t JOIN node n USING(run_id, node_id) WHERE t.state='running' GROUP BY 1 ORDER BY 1", "stage"));
        text.Gauge("workflow_heartbeat_age_seconds", "Time since the oldest last heartbeat of a running attempt; 0 where none runs.", Seconds(now - (db.First("SELECT MIN(seen_us) FROM attempt WHERE state='running'", r => r.NumberOrNull(0)) ?? now)));
        text.Gauge("workflow_requests_open", "Requests of other processes that nobody has taken up.", db.Number("SELECT COUNT(*) FROM request WHERE done_us IS NULL"));
        text.Gauge("workflow_damaged_files", "Files of the store found damaged or missing.", db.Number("SELECT COUNT(*) FROM blob WHERE state='missing'"));
        text.Gauges("workflow_store_bytes", "Bytes of the files of the store, by state.", Singles(db, "SELECT state, bytes FROM blob_tally WHERE state IN('live','doomed') AND n>0 ORDER BY 1", "state"));
        if (db.Number("SELECT COUNT(*) FROM sqlite_master WHERE type='table' AND name='schedule'") == 1)
        {
            var due = db.First("SELECT MIN(ring_us) FROM schedule WHERE withdrawn_us IS NULL AND ring_us IS NOT NULL", r => r.NumberOrNull(0)) ?? now;
            text.Gauge("workflow_schedule_lag_seconds", "By how much the schedule that is due the longest is late; 0 where none is.", Seconds(now - due));
        }

        Sinks(db, text, now);
    }

    static void Sinks(LedgerConnection db, PrometheusText text, long now)
    {
        var sinks = SinkStatus.All(db);
        text.Gauges("workflow_sink_lag_events", "Events of the history that a sink has not passed.", sinks.Select(s => (Label("sink", s.Name), (double)s.Lag)));
        text.Gauges("workflow_sink_lag_seconds", "Age of the oldest of them.", sinks.Select(s => (Label("sink", s.Name), s.Oldest is { } oldest ? Seconds(now - oldest.Micros()) : 0)));
        text.Gauges("workflow_sink_failed_tries", "Failed tries of a sink's next message; 0 where it is not failing.", sinks.Select(s => (Label("sink", s.Name), (double)s.Tries)));
        text.Counters("workflow_sink_sent_total", "Messages delivered.", sinks.Select(s => (Label("sink", s.Name), (double)s.Sent)));
        text.Counters("workflow_sink_skipped_total", "Messages passed over because their receiver refused them.", sinks.Select(s => (Label("sink", s.Name), (double)s.Skipped)));
    }

    static List<string> Classes(LedgerConnection db) => db.Query("SELECT DISTINCT slot_class FROM slot UNION SELECT 'cpu' UNION SELECT 'gpu' ORDER BY 1", r => r.Text(0));

    static List<((string, string)[], double)> Singles(LedgerConnection db, string sql, string label) => db.Query(sql, r => (Label(label, r.Text(0)), (double)r.Number(1)));

    static List<((string, string)[], double)> Pairs(LedgerConnection db, string sql, string first, string second) =>
        db.Query(sql, r => (new[] { (first, r.Text(0)), (second, r.Text(1)) }, (double)r.Number(2)));

    static (string Name, string Value)[] Label(string name, string value) => [(name, value)];

    static double Seconds(long micros) => Math.Max(0, micros / 1e6);

    static long Size(string file) => File.Exists(file) ? new FileInfo(file).Length : 0;
}
