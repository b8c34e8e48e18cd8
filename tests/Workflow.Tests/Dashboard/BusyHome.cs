using Workflow.Ledger;

namespace Workflow.Tests.Dashboard;

/// <summary>A home in whose ledger jobs are in every state: on top of <see cref="SeededHome"/> a run with partitions in retry, awaiting and done, servers that are gone, queues, a pause, and ten thousand failures.</summary>
sealed class BusyHome : IDisposable
{
    public const string Busy = "01990000-0000-7000-8000-00000000dddd";
    public const string Broken = "01990000-0000-7000-8000-00000000eeee";
    public const int Failures = 10_000;

    readonly SeededHome home = new();

    public BusyHome() => Ledger.Write(Seed);

    public string Root => home.Root;

    public LedgerDb Ledger => home.Ledger;

    static long Now => TimeProvider.System.Micros();

    /// <summary>Fails one more partition of the broken run, just now.</summary>
    public void FailOneMore(string key) => Ledger.Write(db => Failed(db, key, Now, "TimeoutException", "TimeoutException: the teacher did not answer"));

    /// <summary>Ends a job well, just now.</summary>
    public void Succeed(string key) => Ledger.Write(db =>
    {
        Node(db, Busy, $"encode/{key}", "encode", "partition", "running", attempt: true);
        db.Execute("UPDATE attempt SET state='committed', ended_us=?3, exit_kind='ok' WHERE run_id=?1 AND node_id=?2", Busy, $"encode/{key}", Now);
        db.Execute("UPDATE node SET state='succeeded', committed_epoch=1, ended_us=?3 WHERE run_id=?1 AND node_id=?2", Busy, $"encode/{key}", Now);
    });

    /// <summary>Moves the progress of what runs on.</summary>
    public void Work(long done) => Ledger.Write(db => db.Execute("UPDATE attempt SET progress_num=?2, seen_us=?3 WHERE run_id=?1 AND node_id='encode/00001'", Busy, done, Now));

    public void Dispose() => home.Dispose();

    static void Seed(LedgerConnection db)
    {
        var at = Now - 1_800_000_000;
        db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, queues, started_us, seen_us) VALUES ('far', 'worker', 'far-host', 77, 1, 'b', 'gpu', ?1, ?1)", at);
        db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, queues, started_us, seen_us, ended_us) VALUES ('gone', 'run', 'far-host', 78, 1, 'b', 'cpu', ?1, ?1, ?1)", at);
        foreach (var (run, job) in new[] { (Busy, "busy"), (Broken, "broken") })
        {
            db.Execute("""
                INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, seed, threads, code_id, state, worker_id, requested_by, created_us, started_us)
                VALUES (?1, ?2, 'cron', ?1, '{}', 17, 2, 'code', ?3, 'w', 'schedule', ?4, ?4)
                """, run, job, run == Busy ? "running" : "failed", at);
        }

        db.Execute("""
            INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, seed, threads, code_id, state, requested_by, created_us)
            VALUES ('01990000-0000-7000-8000-00000000ffff', 'later', 'cron', '01990000-0000-7000-8000-00000000ffff', '{}', 17, 2, 'code', 'queued', 'schedule', ?1)
            """, at);
        foreach (var (slot, cls) in new[] { ("cpu0", "cpu"), ("cpu1", "cpu"), ("gpu0", "gpu") })
        {
            db.Execute("INSERT INTO slot(slot_id, slot_class) VALUES (?1, ?2)", slot, cls);
        }

        Node(db, Busy, "ingest", "ingest", "single", "succeeded", attempt: true, queue: "cpu");
        db.Execute("UPDATE node SET committed_epoch=1, ended_us=?2 WHERE run_id=?1 AND node_id='ingest'", Busy, at + 60_000_000);
        db.Execute("UPDATE attempt SET started_us=?2, ended_us=?3, state='committed' WHERE run_id=?1 AND node_id='ingest'", Busy, at + 20_000_000, at + 60_000_000);
        Node(db, Busy, "encode", "encode", "gather", "waiting", waits: 60);
        for (var part = 1; part <= 60; part++)
        {
            var (id, state) = ($"encode/{part:00000}", part switch { 1 or 2 => "running", <= 30 => "ready", <= 45 => "retry_wait", <= 50 => "cancelled", _ => "waiting" });
            Node(db, Busy, id, "encode", "partition", state, attempt: part <= 2 || part is > 30 and <= 45, queue: part % 2 == 0 ? "gpu" : "cpu", waits: 1);
            db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) VALUES (?1, ?2, ?3)", Busy, id, part > 50 ? "encode/00031" : "ingest");
            db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) VALUES (?1, 'encode', ?2)", Busy, id);
        }

        db.Execute("UPDATE attempt SET seen_us=?2 WHERE run_id=?1 AND node_id='encode/00001'", Busy, Now);
        db.Execute("UPDATE attempt SET worker_id='far', seen_us=?2 WHERE run_id=?1 AND node_id='encode/00002'", Busy, at);
        db.Execute("UPDATE node SET eligible_us=?2, tries=1 WHERE run_id=?1 AND state='retry_wait'", Busy, Now + 240_000_000);
        db.Execute("""
            UPDATE attempt SET state='failed', ended_us=?2, exit_kind='transient', error_type='IOException', error_text='System.IO.IOException: The disk is slow' || char(10) || '   at Workflow.Stages.Encode.Run() in Encode.cs:line 7'
            WHERE run_id=?1 AND node_id IN (SELECT node_id FROM node WHERE run_id=?1 AND state='retry_wait')
            """, Busy, at);
        db.Execute("UPDATE node SET ended_us=?2 WHERE run_id=?1 AND state='cancelled'", Busy, at);
        db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason) VALUES (?1, 'mara', 'node.delete', ?2, 'not needed any more')", at, $"{Busy}/encode/00046");
        db.Execute("INSERT INTO queue_pause(slot_class, paused_us, paused_by, reason, until_us) VALUES ('gpu', ?1, 'mara', 'the card is being swapped', ?2)", at, Now + 3_600_000_000);
        Node(db, Broken, "mine", "mine", "gather", "failed");
        for (var i = 0; i < Failures; i++)
        {
            var (type, text) = i % 4 == 0 ? ("InvalidDataException", $"System.IO.InvalidDataException: row {i} has no title\n   at DataPrep.Readers.Row() in Rows.cs:line {i}") : ("IOException", $"System.IO.IOException: cannot read shard {i}");
            Failed(db, $"{i:00000}", at - (i * 1_000_000L), type, text);
        }
    }

    static void Failed(LedgerConnection db, string key, long at, string type, string text)
    {
        Node(db, Broken, $"mine/{key}", "mine", "partition", "failed", attempt: true, at: at);
        db.Execute("UPDATE attempt SET state='failed', ended_us=?3, exit_kind='error', error_type=?4, error_text=?5 WHERE run_id=?1 AND node_id=?2", Broken, $"mine/{key}", at, type, text);
    }

    static void Node(LedgerConnection db, string run, string node, string stage, string kind, string state, bool attempt = false, string queue = "cpu", long waits = 0, long? at = null)
    {
        db.Execute("""
            INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, state, epoch, param_id, tries, slot_class, waits, ended_us) VALUES (?1, ?2, ?3, ?3, ?4, 0, ?5, ?6, 'p', ?6, ?7, ?8, ?9)
            """, run, node, stage, kind, state, attempt ? 1L : 0L, queue, waits, at);
        if (attempt)
        {
            db.Execute("""
                INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, state, progress_num, progress_den, progress_unit, started_us, seen_us)
                VALUES (?1, ?2, ?3, 1, 'w', 'running', 300, 1200, 'rows', ?4, ?4)
                """, $"{run[^4..]}-{node}", run, node, (at ?? Now) - 30_000_000);
        }
    }
}
