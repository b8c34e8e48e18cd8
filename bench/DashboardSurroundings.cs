using Workflow.Ledger;

namespace Bench;

/// <summary>What a generated home holds beside its runs: code, options, processes, schedules and their fire times, acts, requests.</summary>
sealed class DashboardSurroundings(DashboardHome home)
{
    static readonly string[] Outcomes = ["fired", "fired", "fired", "fired", "fired", "missed", "skipped-overlap", "paused"];

    /// <summary>What runs refer to.</summary>
    public void Before(LedgerConnection db)
    {
        for (var code = 0; code <= home.Volume.Runs / 200; code++)
        {
            db.Execute("INSERT INTO code_version(code_id, git_sha, assemblies_json, created_us) VALUES (?1, ?2, '[]', ?3)", $"code-{code}", DashboardHome.Hash($"{code}")[..40], home.Now);
        }

        foreach (var stage in (string[])["ingest", "pairs", "vocabulary", "mine", "shard", "train", "evaluate", "report"])
        {
            for (var batch = 16; batch <= 128; batch *= 2)
            {
                db.Execute("INSERT INTO param_set(param_id, semantic_json, operational_json) VALUES (?1, ?2, ?3)", $"{stage}-{batch}", $$"""{"batch_size":{{batch}},"loss":"multiple_negatives","temperature":0.05}""",
                    $$"""{"batch_size":{{batch}},"loss":"multiple_negatives","mini_batch":{{batch / 2}},"temperature":0.05}""");
            }
        }

        var process = DashboardHome.Process;
        db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, queues, started_us, seen_us) VALUES ('worker-now', 'serve', ?1, ?2, ?3, ?4, 'cpu,gpu', ?5, ?6)", process.Host, process.Pid, process.Start, process.Boot,
            home.Now - 3_600_000_000, home.Now);
        for (var worker = 0; worker <= home.Volume.Runs / 8; worker++)
        {
            db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, queues, started_us, seen_us, ended_us) VALUES (?1, ?2, 'bench', 4711, 1, 'boot', 'cpu', ?3, ?4, ?4)", $"worker-{worker}", worker % 3 == 0 ? "run" : "serve",
                home.Now - 15_000_000_000_000 + (worker * 1_000_000L), home.Now - 14_000_000_000_000 + (worker * 1_000_000L));
        }

        db.Execute("INSERT INTO slot(slot_id, slot_class) VALUES ('cpu-0', 'cpu'), ('cpu-1', 'cpu'), ('gpu-0', 'gpu')");
    }

    /// <summary>What refers to runs, or stands alone.</summary>
    public void After(LedgerConnection db)
    {
        var share = home.Volume.Share;
        foreach (var pipeline in db.Query("SELECT DISTINCT pipeline FROM pipeline_tally", r => r.Text(0)))
        {
            var key = $"{pipeline}/daily";
            db.Execute("""
                INSERT INTO schedule(schedule_key, job, name, file, folder, source, cron, zone, misfire, overlap, cursor_us, next_us, ring_us, declared_us, changed_us)
                VALUES (?1, ?2, 'daily', ?3, '/jobs', 'serve', '0 3 * * *', 'Europe/Berlin', 'once', 'skip', ?4, ?5, ?5, ?6, ?6)
                """, key, pipeline, $"jobs/{pipeline}.yaml", home.Now, home.Now + 3_600_000_000, home.Now - 15_000_000_000_000);
            for (var tick = 0; tick < 20 + (int)(2500 * share); tick++)
            {
                var outcome = Outcomes[home.Random.Next(Outcomes.Length)];
                db.Execute("INSERT INTO schedule_tick(schedule_key, kind, nominal_us, outcome, reason, decided_us) VALUES (?1, 'cron', ?2, ?3, ?4, ?2)", key, home.Now - ((long)tick * 6_000_000_000), outcome,
                    outcome == "fired" ? null : "the home was not served at that time");
            }
        }

        var runs = db.Query("SELECT run_id FROM run ORDER BY created_us DESC LIMIT 1000", r => r.Text(0));
        for (var act = 0; act < 100 + (int)(30_000 * share); act++)
        {
            db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason) VALUES (?1, ?2, ?3, ?4, ?5)", home.Now - (act * 400_000_000L), act % 3 == 0 ? "ada" : "grace", act % 2 == 0 ? "cancel" : "resume", runs[act % runs.Count],
                $"the disk was full on day {act}");
        }

        for (var asked = 0; asked < 20 + (int)(5_000 * share); asked++)
        {
            db.Execute("INSERT INTO request(request_id, kind, run_id, actor, reason, created_us, taken_us, done_us) VALUES (?1, 'cancel', ?2, 'ada', 'not needed', ?3, ?3, ?3)", home.Id(home.Now - (asked * 1_000_000L)), runs[asked % runs.Count],
                home.Now - (asked * 1_000_000L));
        }

        foreach (var (model, run, n) in db.Query("SELECT version, run_id, seq FROM dataset_version WHERE dataset LIKE 'nightly%/model' ORDER BY seq LIMIT 500", r => (r.Text(0), r.Text(1), r.Number(2))))
        {
            db.Execute("INSERT INTO model_slot(name, seq, artifact_id, run_id, actor, set_us, reason) VALUES ('production', ?1, ?2, ?3, 'promote', ?4, 'better by 0.01')", n + 1, model, run, home.Now);
            db.Execute("INSERT INTO pin(artifact_id, reason, actor) VALUES (?1, 'serves', 'ada')", model);
        }
    }
}
