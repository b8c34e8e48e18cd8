using Microsoft.Data.Sqlite;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Ledger;

/// <summary>A ledger of an earlier schema brought forward with what it holds.</summary>
public sealed class MigrationTests : IDisposable
{
    const string Run = "INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, seed, threads, code_id, state, requested_by, created_us) VALUES (?1, 'p', ?2, ?1, '{}', 1, 1, 'c', ?3, 'me', 1)";
    const string Node = "INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, state, param_id) VALUES (?1, ?2, 's', 'u', ?3, 0, ?4, 'p')";
    const string Attempt = "INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, state, error_class, started_us) VALUES (?1, 'r', 'n', ?2, 'w', ?3, ?4, 1)";
    static readonly string[] RunStates = ["queued", "running", "interrupted", "succeeded", "failed", "cancelled", "partial"];
    static readonly string[] Triggers = ["manual", "cron", "backfill", "resume", "api", "upstream"];
    static readonly string[] NodeStates = ["waiting", "ready", "running", "retry_wait", "succeeded", "reused", "failed", "skipped", "cancelled"];
    static readonly string[] AttemptStates = ["running", "committed", "failed", "lost", "fenced", "cancelled", "timed_out", "superseded"];
    readonly TestHome home = new();

    public void Dispose() => home.Dispose();

    [Fact]
    public async Task Open_KeepsRowsAndRules_WhenChecksAreRewritten()
    {
        using (var old = new LedgerConnection(home.Paths.Ledger, readOnly: false))
        {
            var scripts = Directory.GetFiles(Path.Combine(RepositoryFiles.Root, "src/Workflow/Ledger/Migrations"), "*.sql").Order(StringComparer.Ordinal).TakeWhile(f => !f.EndsWith("006_checks.sql", StringComparison.Ordinal)).ToList();
            Assert.Equal(5, scripts.Count);
            scripts.ForEach(s => old.Script(File.ReadAllText(s)));
            old.Script("PRAGMA user_version=5");
            old.Script("INSERT INTO code_version VALUES('c', NULL, 0, NULL, '[]', 1); INSERT INTO param_set VALUES('p', '{}', '{}'); INSERT INTO worker VALUES('w', 'run', 'h', 1, 1, 'b', 'cpu', 1, 1, NULL)");
            old.Execute(Run, "r", "manual", "running");
            old.Execute(Node, "r", "n", "single", "ready");
        }

        using (var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System))
        {
            ledger.Write(db =>
            {
                foreach (var state in RunStates)
                {
                    db.Execute(Run, "run " + state, "manual", state);
                }

                foreach (var trigger in Triggers)
                {
                    db.Execute(Run, "by " + trigger, trigger, "queued");
                }

                foreach (var state in NodeStates)
                {
                    db.Execute(Node, "r", state, "partition", state);
                }

                foreach (var (state, i) in AttemptStates.Select((s, i) => (s, i)))
                {
                    db.Execute(Attempt, "a" + i, i, state, i == 0 ? null : "data");
                }

                Refused(() => db.Execute(Run, "x", "manual", "waiting"));
                Refused(() => db.Execute(Run, "x", "sometimes", "queued"));
                Refused(() => db.Execute(Node, "r", "x", "single", "queued"));
                Refused(() => db.Execute(Node, "r", "x", "double", "ready"));
                Refused(() => db.Execute(Attempt, "x", 99, "ready", null));
                Refused(() => db.Execute(Attempt, "x", 99, "failed", "odd"));
                Refused(() => db.Execute("INSERT INTO blob(hash, size, state, first_us) VALUES ('h', 1, 'dead', 1)"));
                Refused(() => db.Execute("UPDATE node SET state='lost' WHERE run_id='r' AND node_id='n'"));
            });
        }

        var cancellation = TestContext.Current.CancellationToken;
        Assert.Equal("ok", await SqliteShell.RunAsync(home.Paths.Ledger, "PRAGMA integrity_check; PRAGMA foreign_key_check", cancellation));
        Assert.Equal("14|10|8|ready", await SqliteShell.RunAsync(home.Paths.Ledger, "SELECT (SELECT COUNT(*) FROM run), (SELECT COUNT(*) FROM node), (SELECT COUNT(*) FROM attempt), (SELECT state FROM node WHERE node_id='n')", cancellation));
        var plans = await SqliteShell.RunAsync(home.Paths.Ledger, """
            EXPLAIN QUERY PLAN SELECT EXISTS(SELECT 1 FROM node WHERE run_id='r' AND (state='waiting' OR state='ready' OR state='running' OR state='retry_wait'));
            EXPLAIN QUERY PLAN SELECT seq FROM event WHERE run_id='r' AND seq>1 AND (type='run.queued' OR type='run.resumed' OR type='run.ended') ORDER BY seq;
            """, cancellation);
        Assert.Contains("INDEX node_open", plans, StringComparison.Ordinal);
        Assert.Contains("INDEX event_life", plans, StringComparison.Ordinal);
    }

    static void Refused(Func<int> statement) => Assert.Contains("CHECK constraint failed", Assert.Throws<SqliteException>(() => statement()).Message, StringComparison.Ordinal);
}
