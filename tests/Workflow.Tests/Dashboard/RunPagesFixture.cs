using System.Globalization;
using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>
/// A seeded home with what runs and trainings meet: a run of 3,000 partitions, some of them troubled; a training that was killed and taken up again, with alarms and cosines; a stage that was tried twice.
/// Served with the acts that the command line serves.
/// </summary>
public sealed class RunPagesFixture : IAsyncLifetime
{
    internal const string Wide = "01980000-0000-7000-8000-00000000dddd";
    internal const int Partitions = 3_000;
    internal const int Failed = 45;
    Browser? browser;

    internal SeededHome Home { get; } = new();

    internal HomePaths Paths => new(Home.Root);

    internal DashboardHost Host { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    internal async Task<Browser> BrowserAsync() => browser ??= await Browser.StartAsync();

    public async ValueTask InitializeAsync()
    {
        Home.Ledger.Write(Seed);
        Scores();
        var acts = new DashboardActions(Paths, TimeProvider.System, TimeSpan.FromMinutes(10));
        Host = await DashboardHost.StartAsync(new DashboardOptions { Home = Home.Root, Url = "http://127.0.0.1:0", Refresh = TimeSpan.FromMilliseconds(200) }, acts, null, CancellationToken.None);
        Http = new HttpClient { BaseAddress = new Uri(Host.Address) };
    }

    internal async Task<AngleSharp.Html.Dom.IHtmlDocument> DocumentAsync(string path) =>
        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken));

    /// <summary>Tells the live training's history of something.</summary>
    internal void Tell(string type, object payload) => Home.Ledger.Write(db => Event(db, SeededHome.Live, 1, type, payload));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        Home.Dispose();
    }

    static void Seed(LedgerConnection db)
    {
        var at = db.Number("SELECT created_us FROM run WHERE run_id=?1", SeededHome.Finished);
        db.Execute("UPDATE run SET reason='the corpus grew', job_json=?2 WHERE run_id=?1", SeededHome.Finished,
            """{"job":"quickstart","stages":[{"name":"train","uses":"train","from":{"shards":["shard.shards"]},"with":{"training":{"batch_size":64,"device":"cpu","note":"","prompt":null},"passage":"content"},"retry":{"losses":20},"timeout":null}]}""");
        Tried(db, at);
        Many(db, at);
        Training(db, at);
        db.Execute("INSERT INTO attempt_log(attempt_id, seq, ts_us, line) SELECT attempt_id, 0, started_us+1, 'read by '||node_id FROM attempt WHERE run_id=?1", SeededHome.Live);
        db.Execute("UPDATE attempt SET seen_us=?1 WHERE attempt_id='live-train-1'", TimeProvider.System.Micros());
    }

    // mine of the finished run failed once and was tried again.
    static void Tried(LedgerConnection db, long at)
    {
        db.Execute("UPDATE attempt SET epoch=2 WHERE run_id=?1 AND node_id='mine'", SeededHome.Finished);
        db.Execute("UPDATE node SET epoch=2, committed_epoch=2, tries=1 WHERE run_id=?1 AND node_id='mine'", SeededHome.Finished);
        db.Execute("""
            INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, pid, state, started_us, ended_us, exit_kind, error_class, error_type, error_text)
            VALUES ('tried', ?1, 'mine', 1, 'w', 4710, 'failed', ?2, ?3, 'transient', 'transient', 'System.IO.IOException', ?4)
            """, SeededHome.Finished, at + 20_000_000L, at + 23_000_000L, $"{SeededHome.Hostile}: the disk was away\n   at Reader.Read()");
    }

    static void Many(LedgerConnection db, long at)
    {
        db.Execute("""
            INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, description, seed, threads, code_id, state, worker_id, requested_by, reason, created_us, started_us)
            VALUES (?1, 'wide', 'cron', ?1, '{}', '', 17, 2, 'code', 'running', 'w', 'schedule', NULL, ?2, ?2)
            """, Wide, at);
        foreach (var (node, kind, state, ordinal) in new[] { ("split", "single", "succeeded", 0), ("embed", "gather", "waiting", 1), ("index", "single", "waiting", 2) })
        {
            db.Execute("INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, state, epoch, param_id) VALUES (?1, ?2, ?2, 'encode', ?3, ?4, ?5, 0, 'p')", Wide, node, kind, ordinal, state);
        }

        db.Execute("""
            WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x+1 FROM c WHERE x<?2-1)
            INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, partition_key, state, epoch, param_id, tries)
            SELECT ?1, printf('embed/%05d', x), 'embed', 'encode', 'partition', 1, printf('%05d', x), CASE WHEN x<1200 THEN 'succeeded' WHEN x<1200+?3 THEN 'failed' WHEN x<1260 THEN 'running' ELSE 'ready' END, x<1260, 'p', x<1260 FROM c
            """, Wide, Partitions, Failed);
        db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) SELECT run_id, node_id, 'split' FROM node WHERE run_id=?1 AND kind='partition'", Wide);
        db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) SELECT run_id, 'embed', node_id FROM node WHERE run_id=?1 AND kind='partition'", Wide);
        db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) VALUES (?1, 'index', 'embed')", Wide);
        db.Execute("""
            INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, state, started_us, ended_us, exit_kind, error_type, error_text)
            SELECT 'wide-'||node_id, run_id, node_id, 1, 'w', CASE state WHEN 'succeeded' THEN 'committed' ELSE state END, ?2+CAST(partition_key AS INT)*2000000, CASE WHEN state<>'running' THEN ?2+CAST(partition_key AS INT)*2000000+16000000 END,
              CASE state WHEN 'failed' THEN 'user' WHEN 'running' THEN NULL ELSE 'ok' END, CASE state WHEN 'failed' THEN 'DataPrep.DataException' END, CASE state WHEN 'failed' THEN ?3 END
            FROM node WHERE run_id=?1 AND kind='partition' AND epoch=1
            """, Wide, at, $"row 7 holds {SeededHome.Hostile}\nexpected a text");
    }

    static void Training(LedgerConnection db, long at)
    {
        db.Execute("UPDATE node SET epoch=2, committed_epoch=2 WHERE run_id=?1 AND node_id='train'", SeededHome.Finished);
        db.Execute("UPDATE attempt SET state='lost', exit_kind='lost' WHERE run_id=?1 AND node_id='train'", SeededHome.Finished);
        db.Execute("""
            INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, pid, state, progress_num, progress_den, progress_unit, resumed_ckpt, started_us, ended_us, exit_kind)
            VALUES ('again', ?1, 'train', 2, 'w', 4712, 'committed', 2000, 2000, 'steps', 800, ?2, ?3, 'ok')
            """, SeededHome.Finished, at + 60_000_000L, at + 140_000_000L);
        db.Execute("INSERT INTO edge(attempt_id, dir, slot, ordinal, artifact_id) SELECT 'again', dir, slot, ordinal, artifact_id FROM edge e JOIN attempt t USING(attempt_id) WHERE t.run_id=?1 AND t.node_id='train' AND t.epoch=1", SeededHome.Finished);
        Series(db, at);
        Cosines(db, at);
        Event(db, SeededHome.Finished, 1, "training.phase", new { step = 0, name = "contrastive", until = 1200 });
        Event(db, SeededHome.Finished, 1, "training.warmup_end", new { step = 100, name = "contrastive" });
        Event(db, SeededHome.Finished, 1, "training.SHIFT", new { step = 900, text = "told by the attempt that was killed", policy = "tell" });
        Event(db, SeededHome.Finished, 2, "training.phase", new { step = 1200, name = "hard negatives", until = 2000 });
        Event(db, SeededHome.Finished, 2, "training.best", new { step = 1200, name = "dev_ndcg@10" });
        Event(db, SeededHome.Finished, 2, "training.out_of_memory", new { step = 1300, text = "64 texts at once did not fit cpu; going on with 32", before = 64, after = 32 });
        Event(db, SeededHome.Finished, 2, "training.LOSS_METRIC_DIVERGENCE", new { step = 1600, text = $"the loss falls and so does nDCG@10 {SeededHome.Hostile}", policy = "roll_back" });
        Event(db, SeededHome.Finished, 2, "training.roll_back", new { step = 1600, name = "roll_back", text = "LOSS_METRIC_DIVERGENCE: back to step 1200, rate times 0.5." });
        foreach (var step in new[] { 400, 800, 1200, 1600 })
        {
            db.Execute("INSERT INTO checkpoint(run_id, node_id, step, epoch, memo_key, artifact_id, cursor_json, metric, best, kept, created_us) VALUES (?1, 'train', ?2, ?3, 'k', ?4, '{}', ?5, ?6, ?7, ?8)",
                SeededHome.Finished, step, step <= 800 ? 1 : 2, SeededHome.Hash("model"), 0.3 + (step == 1200 ? 0.1 : 0), step == 1200 ? 1 : 0, step >= 1200 ? 1 : 0, at);
        }
    }

    static void Series(LedgerConnection db, long at)
    {
        var curves = new (string Key, int Every, Func<int, double> Value)[]
        {
            ("train_loss", 1, s => 0.8 + (3 * Math.Exp(-s / 300.0)) + (0.15 * Math.Sin(s * 1.7))), ("dev_loss", 200, s => 0.9 + (2.6 * Math.Exp(-s / 320.0))), ("dev_ndcg@10", 200, s => s <= 1200 ? 0.42 - (0.36 * Math.Exp(-s / 350.0)) : 0.42 - ((s - 1200) / 8000.0)),
            ("dev_recall@100", 200, s => 0.85 - (0.5 * Math.Exp(-s / 350.0))), ("learning_rate", 1, s => s < 100 ? s * 1e-5 : 1e-3 * (1 - (s / 2200.0))), ("grad_norm", 1, s => 1 + (4 * Math.Exp(-s / 150.0)) + (0.3 * Math.Sin(s))),
            ("pairs_per_second", 200, s => 5200 + (200 * Math.Sin(s))), ("tokens_per_second", 200, s => 210_000 + (9000 * Math.Sin(s))), ("memory_bytes", 200, s => 3.1e9 + (s * 40_000.0)), ("alignment", 200, s => 0.9 - (s / 4000.0)), ("uniformity", 200, s => -1.2 - (s / 1500.0)),
            ("masked", 1, s => 0.02 + (0.01 * Math.Sin(s / 9.0))), ("positive_cosine", 200, s => 0.4 + (s / 6000.0)), ("in_batch_cosine", 200, s => 0.3 - (s / 9000.0)), ("in_batch_auc", 200, s => 0.8 + (s / 15000.0)),
        };
        foreach (var (key, every, value) in curves)
        {
            db.Execute("INSERT INTO metric_series(run_id, node_id, key) VALUES (?1, 'train', ?2)", SeededHome.Finished, key);
            var series = db.Number("SELECT series_id FROM metric_series WHERE run_id=?1 AND node_id='train' AND key=?2", SeededHome.Finished, key);
            for (var step = every; step <= 2000; step += every)
            {
                db.Execute("INSERT INTO metric_point(series_id, step, epoch, ts_us, value) VALUES (?1, ?2, 2, ?3, ?4)", series, (long)step, at, value(step));
            }
        }
    }

    static void Cosines(LedgerConnection db, long at)
    {
        foreach (var (kind, from, to, spread) in new[] { ("positive", 0.35, 0.72, 0.12), ("hard_negative", 0.32, 0.38, 0.14), ("in_batch", 0.3, 0.12, 0.1) })
        {
            db.Execute("INSERT INTO metric_series(run_id, node_id, key) VALUES (?1, 'train', ?2)", SeededHome.Finished, "cosine/" + kind);
            var series = db.Number("SELECT series_id FROM metric_series WHERE run_id=?1 AND node_id='train' AND key=?2", SeededHome.Finished, "cosine/" + kind);
            for (var step = 0; step <= 2000; step += 200)
            {
                var mean = from + ((to - from) * step / 2000);
                var counts = Enumerable.Range(0, 64).Select(b => (long)(512 * Math.Exp(-Math.Pow((-1 + ((b + 0.5) / 32)) - mean, 2) / (2 * spread * spread)))).ToArray();
                db.Execute("INSERT INTO histogram(series_id, step, epoch, ts_us, low, high, counts_json, figures_json) VALUES (?1, ?2, 2, ?3, -1, 1, ?4, ?5)", series, (long)step, at, JsonSerializer.Serialize(counts),
                    JsonSerializer.Serialize(new Dictionary<string, double> { ["p5"] = mean - (1.64 * spread), ["p50"] = mean, ["p95"] = mean + (1.64 * spread) }));
            }
        }
    }

    static void Event(LedgerConnection db, string run, long epoch, string type, object payload) => db.Execute("INSERT INTO event(ts_us, run_id, node_id, epoch, type, payload) VALUES (?1, ?2, 'train', ?3, ?4, ?5)",
        TimeProvider.System.Micros(), run, epoch, type, JsonSerializer.Serialize(payload));

    // The scores of the finished run, as a manifest and a file of the store.
    void Scores()
    {
        var file = SeededHome.Hash("scores file");
        Put(file, """{"systems":{"bm25":{"ndcg@10":0.2799,"mrr@10":0.2371},"model":{"ndcg@10":0.4764,"mrr@10":0.4305}},"intervals":{"model":{"ndcg@10":[0.451,0.501]}}}""");
        Put(SeededHome.Hash("scores"), ManifestText.Write(new Manifest { Kind = "scores", Members = [new ManifestMember("scores.json", file, 100, null, file)] }));

        void Put(string hash, string text)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Paths.Blob(hash))!);
            File.WriteAllText(Paths.Blob(hash), text);
        }
    }

    /// <summary>A number as pages write it.</summary>
    internal static string Count(int number) => number.ToString("#,0", CultureInfo.InvariantCulture);
}
