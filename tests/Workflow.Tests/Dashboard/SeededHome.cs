using System.Security.Cryptography;
using System.Text;
using Workflow.Ledger;

namespace Workflow.Tests.Dashboard;

/// <summary>A home whose ledger holds runs in several states, with believable stages, metrics, logs, artifacts and an unfriendly name.</summary>
sealed class SeededHome : IDisposable
{
    public const string Hostile = "<script>document.title='owned'</script><img src=x onerror=alert(1)>";
    public const string Finished = "01980000-0000-7000-8000-00000000aaaa";
    public const string Live = "01980000-0000-7000-8000-00000000bbbb";
    public const string Failed = "01980000-0000-7000-8000-00000000cccc";

    static readonly (string Stage, string[] From, string[] Slots)[] Stages =
    [
        ("ingest", [], ["documents", "rejects"]), ("pairs", ["ingest"], ["pairs"]), ("vocabulary", ["ingest", "pairs"], ["tokenizer"]), ("mine", ["ingest", "pairs"], ["mined"]),
        ("shard", ["mine"], ["shards"]), ("train", ["shard", "vocabulary"], ["model"]), ("evaluate", ["train", "ingest", "pairs"], ["scores"]), ("report", ["evaluate", "train"], ["report"]),
    ];

    readonly TestHome home = new();
    readonly LedgerDb ledger;
    readonly long start;

    public SeededHome()
    {
        ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        start = TimeProvider.System.Micros() - (3_600L * 1_000_000);
        ledger.Write(Seed);
    }

    public string Root => home.Root;

    public LedgerDb Ledger => ledger;

    /// <summary>The hash of a seeded artifact: of a stage's slot.</summary>
    public static string Hash(string slot) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(slot)));

    /// <summary>Adds a point to the running training and moves its progress on.</summary>
    public void Step(long step, double loss) => ledger.Write(db =>
    {
        db.Execute("UPDATE attempt SET progress_num=?1, hb_ctr=hb_ctr+1, progress_msg=?2 WHERE attempt_id='live-train-1'", step, $"step {step}");
        db.Execute("INSERT INTO metric_point(series_id, step, epoch, ts_us, value) VALUES (1, ?1, 1, ?2, ?3)", step, start, loss);
        db.Execute("INSERT INTO attempt_log(attempt_id, seq, ts_us, line) VALUES ('live-train-1', ?1, ?2, ?3)", step, start, $"step {step} loss {loss:0.000}");
    });

    /// <summary>Adds an old run without stages.</summary>
    public void AddRun(int number) => ledger.Write(db => db.Execute("""
        INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, seed, threads, code_id, state, requested_by, created_us)
        VALUES (?1, 'old', 'manual', ?1, '{}', 1, 1, 'code', 'succeeded', 'command line', ?2)
        """, $"old-{number}", (long)number));

    public void Dispose()
    {
        ledger.Dispose();
        home.Dispose();
    }

    void Seed(LedgerConnection db)
    {
        db.Execute("INSERT INTO code_version(code_id, assemblies_json, created_us) VALUES ('code', '{}', 0)");
        db.Execute("INSERT INTO param_set(param_id, semantic_json, operational_json) VALUES ('p', '{}', '{}')");
        var self = Workflow.Runs.ProcessIdentity.Current;
        db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, started_us, seen_us) VALUES ('w', 'serve', ?1, ?2, ?3, ?4, ?5, ?5)", self.Host, self.Pid, self.Start, self.Boot, start);
        foreach (var slot in Stages.SelectMany(s => s.Slots))
        {
            db.Execute("INSERT INTO blob(hash, size, state, first_us) VALUES (?1, 900, 'live', ?2)", Hash(slot), start);
            db.Execute("INSERT INTO artifact(artifact_id, kind, blob_hash, logical_hash, rows, size, meta_json, created_us) VALUES (?1, ?2, ?1, ?3, ?4, 48213374, ?5, ?6)",
                Hash(slot), slot, Hash("logical" + slot), slot is "model" or "tokenizer" or "report" ? null : 79_214L, $$"""{"digest":"3f9c2a","note":"{{(slot == "documents" ? "<b>bold</b>" : "plain")}}"}""", start);
            var file = slot == "report" ? "report.html" : $"{slot}-00000.parquet";
            db.Execute("INSERT INTO artifact_member(artifact_id, ordinal, name, blob_hash, size, rows, logical_hash) VALUES (?1, 0, ?2, ?1, 48213374, ?3, ?1)", Hash(slot), file, slot == "report" ? null : 79_214L);
        }

        var report = home.Paths.Blob(Hash("report"));
        Directory.CreateDirectory(Path.GetDirectoryName(report)!);
        File.WriteAllText(report, "<!DOCTYPE html><title>r</title><style>p{color:red}</style><p>the report</p><script>document.title='owned'</script>");
        Run(db, Finished, "quickstart", "succeeded", 0, Stages.Length, 60);
        Run(db, Live, "nightly", "running", 40, 5, 55);
        Run(db, Failed, Hostile, "failed", 20, 3, 50);
        db.Execute("UPDATE run SET error_text=?1 WHERE run_id=?2", $"Stage mine failed: {Hostile}\nExpected a column 'query'.", Failed);
        db.Execute("UPDATE attempt SET state='failed', exit_kind='user', error_text=?1 WHERE run_id=?2 AND node_id='mine'", $"{Hostile} is no column", Failed);
        Training(db);
    }

    void Run(LedgerConnection db, string run, string job, string state, int minutesAfter, int done, int tag)
    {
        var at = start + (minutesAfter * 60_000_000L);
        db.Execute("""
            INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, description, seed, threads, code_id, state, worker_id, requested_by, created_us, started_us, ended_us)
            VALUES (?1, ?2, 'manual', ?1, '{}', 'Trains a static encoder on the API reference of the installed SDK.', 17, 2, 'code', ?3, 'w', 'command line', ?4, ?4, ?5)
            """, run, job, state, at, state == "running" ? null : at + (tag * 7_000_000L));
        for (var i = 0; i < Stages.Length; i++)
        {
            var (stage, from, slots) = Stages[i];
            var node = i < done ? (run == Live && i < 2 ? "reused" : "succeeded") : i > done ? (state == "failed" ? "skipped" : "waiting") : state == "failed" ? "failed" : "running";
            var epoch = node is "waiting" or "skipped" or "reused" ? 0 : 1;
            db.Execute("""
                INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, state, epoch, committed_epoch, memo_key, key_json, memo_result, why_json, param_id, tries)
                VALUES (?1, ?2, ?2, ?2, ?3, ?4, ?5, ?6, ?7, 'aaaabbbbccccdddd', '{"stage":"x","seed":17}', 'miss', '{"changed":["seed: 17 -> 18"]}', 'p', ?6)
                """, run, stage, stage == "mine" ? "gather" : "single", i, node, epoch, node == "succeeded" ? 1L : null);
            foreach (var upstream in from)
            {
                db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) VALUES (?1, ?2, ?3)", run, stage, upstream);
            }

            if (epoch == 1)
            {
                Attempt(db, run, stage, node, from, slots, at + (i * 9_000_000L));
            }
            else if (node == "reused")
            {
                db.Execute("INSERT INTO node_reuse(run_id, node_id, attempt_id, memo_key) VALUES (?1, ?2, ?3, 'k')", run, stage, $"{Finished[^4..]}-{stage}-1");
            }
        }

        for (var part = 0; part < 24; part++)
        {
            var id = $"mine/{part:00000}";
            db.Execute("INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, partition_key, state, param_id) VALUES (?1, ?2, 'mine', 'mine', 'partition', 3, ?3, ?4, 'p')", run, id, $"{part:00000}",
                state == "failed" && part > 6 ? (part == 7 ? "failed" : "waiting") : "succeeded");
            db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) VALUES (?1, 'mine', ?2)", run, id);
        }
    }

    static void Attempt(LedgerConnection db, string run, string stage, string node, string[] from, string[] slots, long at)
    {
        var id = run == Live && stage == "train" ? "live-train-1" : $"{run[^4..]}-{stage}-1";
        db.Execute("""
            INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, pid, state, progress_num, progress_den, progress_unit, progress_msg, started_us, ended_us, exit_kind)
            VALUES (?1, ?2, ?3, 1, 'w', 4711, ?4, 420, 1200, 'steps', 'training', ?5, ?6, ?7)
            """, id, run, stage, node == "running" ? "running" : node == "failed" ? "failed" : "committed", at, node == "running" ? null : at + 8_500_000L, node == "running" ? null : "ok");
        if (node != "succeeded")
        {
            return;
        }

        var ordinal = 0;
        foreach (var slot in Stages.Where(s => from.Contains(s.Stage)).Select(s => s.Slots[0]))
        {
            db.Execute("INSERT INTO edge(attempt_id, dir, slot, ordinal, artifact_id) VALUES (?1, 'in', ?2, ?3, ?4)", id, slot, ordinal++, Hash(slot));
        }

        foreach (var slot in slots)
        {
            db.Execute("INSERT INTO edge(attempt_id, dir, slot, artifact_id) VALUES (?1, 'out', ?2, ?3)", id, slot, Hash(slot));
        }
    }

    void Training(LedgerConnection db)
    {
        string[] keys = ["train/loss", "dev/loss", "dev/ndcg@10", "train/learning_rate"];
        for (var s = 0; s < keys.Length; s++)
        {
            db.Execute("INSERT INTO metric_series(series_id, run_id, node_id, key) VALUES (?1, ?2, 'train', ?3)", s + 1, Live, keys[s]);
            for (var step = 0; step <= 420; step += s is 1 or 2 ? 60 : 4)
            {
                var value = s switch { 0 => 0.9 + (3.4 * Math.Exp(-step / 120.0)) + (0.1 * Math.Sin(step * 1.7)), 1 => 1.0 + (3.2 * Math.Exp(-step / 120.0)), 2 => 0.45 - (0.4 * Math.Exp(-step / 150.0)), _ => 0.01 * (1 - (step / 1200.0)) };
                db.Execute("INSERT INTO metric_point(series_id, step, epoch, ts_us, value) VALUES (?1, ?2, 1, ?3, ?4)", s + 1, step, start, value);
            }
        }

        for (var line = 1; line <= 40; line++)
        {
            db.Execute("INSERT INTO attempt_log(attempt_id, seq, ts_us, line) VALUES ('live-train-1', ?1, ?2, ?3)", line, start + (line * 1_000_000L), line == 7 ? Hostile : $"step {line * 10} loss {4.0 / line:0.000}");
        }

        foreach (var step in new[] { 200, 400 })
        {
            db.Execute("INSERT INTO checkpoint(run_id, node_id, step, epoch, memo_key, artifact_id, cursor_json, metric, best, created_us) VALUES (?1, 'train', ?2, 1, 'k', ?3, ?4, ?5, ?6, ?7)",
                Live, step, Hash("model"), $$"""{"epoch":0,"batch":{{step}}}""", 0.2 + (step / 2000.0), step == 400 ? 1 : 0, start);
        }
    }
}
