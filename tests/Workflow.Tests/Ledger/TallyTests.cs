using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Ledger;

/// <summary>Tallies, spans and search documents against what the tables themselves say, counted by sqlite3.</summary>
public sealed class TallyTests : IDisposable
{
    const string Run = "INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, seed, threads, code_id, state, requested_by, created_us) VALUES (?1, ?2, 'manual', ?1, '{}', 1, 1, 'c', ?3, 'me', ?4)";
    const string Node = "INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, state, param_id, slot_class, ended_us) VALUES (?1, ?2, ?3, 'u', ?4, 0, ?5, 'p', ?6, ?7)";
    const string Attempt = "INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, state, started_us, ended_us, error_text) VALUES (?1, ?2, ?3, ?4, 'w', ?5, ?6, ?7, ?8)";
    const string Outcome = "CASE state WHEN 'failed' THEN 'failed' WHEN 'cancelled' THEN 'deleted' WHEN 'skipped' THEN 'deleted' ELSE 'succeeded' END";
    const string Stage = "substr(node_id, 1, instr(node_id||'/', '/')-1)";

    static readonly string[] NodeStates = ["waiting", "ready", "running", "retry_wait", "succeeded", "reused", "failed", "skipped", "cancelled"];
    static readonly string[] Ends = ["succeeded", "reused", "failed", "skipped", "cancelled"];
    static readonly string[] RunStates = ["queued", "running", "interrupted", "succeeded", "failed", "cancelled", "partial"];
    static readonly string[] AttemptStates = ["running", "committed", "failed", "lost", "timed_out"];

    // What is kept, and the same counted anew.
    static readonly (string Kept, string Counted)[] Pairs =
    [
        ("SELECT run_id, stage, kind, state, n FROM node_tally WHERE n<>0", "SELECT run_id, stage, kind, state, COUNT(*) FROM node GROUP BY 1, 2, 3, 4"),
        ("SELECT queue, state, n FROM job_tally WHERE n<>0", "SELECT slot_class, state, COUNT(*) FROM node GROUP BY 1, 2"),
        ("SELECT state, n FROM run_tally WHERE n<>0", "SELECT state, COUNT(*) FROM run GROUP BY 1"),
        ("SELECT pipeline, state, n FROM pipeline_tally WHERE n<>0", "SELECT pipeline, state, COUNT(*) FROM run GROUP BY 1, 2"),
        ("SELECT run_id, stage, attempts, running, failed FROM stage_span WHERE attempts<>0", $"SELECT run_id, {Stage}, COUNT(*), SUM(state='running'), SUM(state='failed' OR state='timed_out') FROM attempt GROUP BY 1, 2"),
        ("SELECT state, n, bytes FROM blob_tally WHERE n<>0", "SELECT state, COUNT(*), SUM(size) FROM blob GROUP BY 1"),
        ("SELECT kind, n, bytes FROM artifact_tally WHERE n<>0", "SELECT kind, COUNT(*), SUM(size) FROM artifact GROUP BY 1"),
        ("SELECT schedule_key, outcome, n FROM tick_tally WHERE n<>0", "SELECT schedule_key, outcome, SUM(count) FROM schedule_tick GROUP BY 1, 2"),
        ("SELECT ref, title FROM search_doc WHERE scope='run'", "SELECT run_id, pipeline FROM run"),
        ("SELECT ref, body FROM search_doc WHERE scope='error'", "SELECT attempt_id, error_text FROM attempt WHERE error_text IS NOT NULL AND state<>'lost'"),
    ];

    readonly TestHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Tallies_AreExact_AfterEveryKindOfChange()
    {
        using (var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System))
        {
            ledger.Write(Base);
            var random = new Random(11);
            for (var batch = 0; batch < 20; batch++)
            {
                ledger.Write(db => Change(db, random, batch));
            }

            await AssertKeptAsync();
            ledger.Write(db =>
            {
                // A purge: nodes and attempts go with their run.
                db.Execute("DELETE FROM run WHERE run_id IN (SELECT run_id FROM run ORDER BY run_id LIMIT 3)");
                db.Execute("DELETE FROM node WHERE rowid%5=0");
            });
        }

        await AssertKeptAsync();
        Assert.Equal("0|0", await SqliteShell.RunAsync(home.Paths.Ledger, "SELECT (SELECT COUNT(*) FROM node_tally WHERE run_id NOT IN (SELECT run_id FROM run)), (SELECT COUNT(*) FROM node_tally WHERE n<0)", Cancel));
    }

    [Fact]
    public async Task Hours_CountEachEndOnce_AndTakeNoneBack()
    {
        const long hour = 3_600_000_000;
        using var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        ledger.Write(db =>
        {
            Base(db);
            db.Execute(Run, "r", "p", "running", 1L);
            db.Execute(Node, "r", "n", "n", "single", "running", "cpu", null);
            db.Execute("UPDATE node SET state='failed', ended_us=?1 WHERE node_id='n'", (7 * hour) + 5);
            db.Execute("UPDATE node SET state='waiting', ended_us=NULL WHERE node_id='n'");
            db.Execute("UPDATE node SET state='running' WHERE node_id='n'");
            db.Execute("UPDATE node SET state='succeeded', ended_us=?1 WHERE node_id='n'", (9 * hour) + 5);
            db.Execute("UPDATE node SET view_done=1 WHERE node_id='n'");
            db.Execute(Node, "r", "m", "m", "single", "skipped", "cpu", 9 * hour);
            db.Execute("DELETE FROM run");
        });
        Assert.Equal($"{7 * hour}|failed|1\n{9 * hour}|deleted|1\n{9 * hour}|succeeded|1", await SqliteShell.RunAsync(home.Paths.Ledger, "SELECT * FROM hour_tally ORDER BY 1, 2", Cancel));
    }

    [Fact]
    public async Task Open_CountsWhatAnOlderLedgerHolds()
    {
        using (var old = new LedgerConnection(home.Paths.Ledger, readOnly: false))
        {
            foreach (var script in Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "src/Workflow/Ledger/Migrations"), "*.sql").Order(StringComparer.Ordinal).Take(6))
            {
                old.Script(File.ReadAllText(script));
            }

            old.Script("PRAGMA user_version=6");
            Base(old);
            var random = new Random(12);
            for (var batch = 0; batch < 10; batch++)
            {
                Change(old, random, batch);
            }
        }

        LedgerDb.Open(home.Paths.Ledger, TimeProvider.System).Dispose();
        await AssertKeptAsync();
        var (kept, counted) = ("SELECT hour_us, outcome, n FROM hour_tally", $"SELECT ended_us-ended_us%3600000000, {Outcome}, COUNT(*) FROM node WHERE ended_us IS NOT NULL AND state IN('succeeded','reused','failed','skipped','cancelled') GROUP BY 1, 2");
        Assert.Equal("0", await SqliteShell.RunAsync(home.Paths.Ledger, Differences(kept, counted), Cancel));
        Assert.NotEqual("0", await SqliteShell.RunAsync(home.Paths.Ledger, "SELECT COUNT(*) FROM hour_tally", Cancel));
    }

    [Fact]
    public async Task Search_FollowsTexts_AsTheyChange()
    {
        using var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        ledger.Write(db =>
        {
            Base(db);
            db.Execute(Run, "r", "nightly", "running", 1L);
            db.Execute(Node, "r", "mine", "mine", "single", "running", "cpu", null);
            db.Execute(Attempt, "a", "r", "mine", 1, "running", 1L, null, null);
            db.Execute("UPDATE attempt SET state='failed', error_text='Expected a column Straße' WHERE attempt_id='a'");
            db.Execute("UPDATE run SET error_text='mine: no such column' WHERE run_id='r'");
        });
        const string matches = "SELECT group_concat(d.scope) FROM (SELECT scope FROM search_text WHERE search_text MATCH '{0}' ORDER BY rowid) d";
        Assert.Equal("error", await MatchAsync("strasse OR Straße"));
        Assert.Equal("run", await MatchAsync("nightly AND such"));
        Assert.Equal("stage", await MatchAsync("scope:stage AND mine"));
        ledger.Write(db => db.Execute("UPDATE run SET error_text=NULL WHERE run_id='r'"));
        Assert.Equal("", await MatchAsync("nightly AND such"));

        // SQLite's own comparison of the index with its documents: throws where they differ.
        ledger.Write(db => db.Script("INSERT INTO search_text(search_text) VALUES('integrity-check')"));

        async Task<string> MatchAsync(string query) => await SqliteShell.RunAsync(home.Paths.Ledger, matches.Replace("{0}", query, StringComparison.Ordinal), Cancel);
    }

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    async Task AssertKeptAsync()
    {
        var cancellation = Cancel;
        foreach (var (kept, counted) in Pairs)
        {
            Assert.NotEqual("0", await SqliteShell.RunAsync(home.Paths.Ledger, $"SELECT COUNT(*) FROM ({counted})", cancellation));
            Assert.Equal("0", await SqliteShell.RunAsync(home.Paths.Ledger, Differences(kept, counted), cancellation));
        }
    }

    static string Differences(string kept, string counted) => $"SELECT (SELECT COUNT(*) FROM ({kept} EXCEPT {counted})) + (SELECT COUNT(*) FROM ({counted} EXCEPT {kept}))";

    static void Base(LedgerConnection db) => db.Script("""
        INSERT INTO code_version VALUES('c', NULL, 0, NULL, '[]', 1); INSERT INTO param_set VALUES('p', '{}', '{}'); INSERT INTO worker VALUES('w', 'run', 'h', 1, 1, 'b', 'cpu', 1, 1, NULL);
        INSERT INTO schedule(schedule_key, job, name, file, folder, source, cron, zone, misfire, overlap, cursor_us, declared_us, changed_us) VALUES('p/s', 'p', 's', 'f', 'f', 'add', '0 3 * * *', 'UTC', 'once', 'skip', 1, 1, 1);
        """);

    /// <summary>A run with nodes and attempts in random states, and random changes to those of earlier ones.</summary>
    static void Change(LedgerConnection db, Random random, int batch)
    {
        string Any(string[] of) => of[random.Next(of.Length)];
        var run = $"run-{batch:00}";
        db.Execute(Run, run, Any(["p", "q"]), Any(RunStates), (long)batch);
        foreach (var (node, stage, kind) in new[] { ("mine", "mine", "gather"), ("mine/0", "mine", "partition"), ("mine/1", "mine", "partition"), ("train", "train", "single") })
        {
            var state = Any(NodeStates);
            db.Execute(Node, run, node, stage, kind, state, Any(["cpu", "gpu"]), Ends.Contains(state) ? random.NextInt64(20_000_000_000) : null);
            var attempt = Any(AttemptStates);
            db.Execute(Attempt, $"{run}-{node}", run, node, 1, attempt, 1L, attempt == "running" ? null : 2L, attempt is "failed" or "lost" ? $"no column {batch}" : null);
        }

        db.Execute("INSERT INTO blob(hash, size, state, first_us) VALUES (?1, ?2, 'live', 1)", run, random.Next(100));
        db.Execute("INSERT INTO artifact(artifact_id, kind, blob_hash, logical_hash, size, created_us) VALUES (?1, ?2, ?1, ?1, ?3, 1) ON CONFLICT DO NOTHING", run, Any(["pairs", "model"]), random.Next(100));
        db.Execute("INSERT INTO schedule_tick(schedule_key, kind, nominal_us, count, outcome, decided_us) VALUES ('p/s', 'cron', ?1, ?2, ?3, 1)", batch, random.Next(1, 9), Any(["fired", "missed"]));
        for (var i = 0; i < 12; i++)
        {
            var state = Any(NodeStates);
            db.Execute("UPDATE node SET state=?1, ended_us=?2 WHERE rowid=?3", state, Ends.Contains(state) ? random.NextInt64(20_000_000_000) : null, random.Next((batch * 4) + 4));
            var attempt = Any(AttemptStates);
            db.Execute("UPDATE attempt SET state=?1, ended_us=3, error_text=CASE WHEN ?1='failed' THEN 'again' ELSE error_text END WHERE rowid=?2 AND state='running'", attempt, random.Next((batch * 4) + 4));
            db.Execute("UPDATE run SET state=?1 WHERE rowid=?2", Any(RunStates), random.Next(batch + 1));
            db.Execute("UPDATE blob SET state=?1 WHERE rowid=?2", Any(["live", "doomed", "deleted", "missing"]), random.Next(batch + 1));
            db.Execute("UPDATE schedule_tick SET count=count+1, outcome=?1 WHERE tick_id=?2", Any(["fired", "paused"]), random.Next(batch + 1));
        }
    }
}
