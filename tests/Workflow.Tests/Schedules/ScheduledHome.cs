using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Schedules;
using Workflow.Tests.Cli;
using Workflow.Tests.Jobs;

namespace Workflow.Tests.Schedules;

/// <summary>A home with job files of sample stages, a clock that tests set, and as many keepers as they want. Nothing executes: tests end runs themselves.</summary>
sealed class ScheduledHome : IDisposable
{
    readonly TestHome home = new();
    readonly JobFolder folder = new();

    public ScheduledHome(string now = "2026-03-01T12:00:30")
    {
        Set(now);
        Ledger = LedgerDb.Open(home.Paths.Ledger, Time);
        Declarations = new ScheduleDeclarations(Ledger, Reader);
    }

    public ManualTime Time { get; } = new();

    public LedgerDb Ledger { get; }

    public string File => home.Paths.Ledger;

    public string Jobs => Path.Combine(folder.Root, "jobs");

    public ScheduledJobReader Reader { get; init; } = ScheduledJobs.Over(SampleStage.Table);

    public ScheduleDeclarations Declarations { get; }

    public ScheduleControl Control => new(Ledger, new History(Time), Reader);

    public DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Sets the clock, forwards or back.</summary>
    public void Set(string utc) => Time.Advance((DateTimeOffset.Parse(utc + "Z") - Now).TotalSeconds);

    /// <summary>A keeper, with a ledger of its own where asked for: another process.</summary>
    public ScheduleKeeper Keeper(LedgerDb? ledger = null) => new(ledger ?? Ledger, new History(Time), null, Reader);

    /// <summary>Looks once.</summary>
    public async Task<IReadOnlyList<string>> LookAsync() => await Keeper().LookAsync(CancellationToken.None);

    /// <summary>Writes a job file with these schedules (YAML, indented by two) and declares the folder.</summary>
    public ScheduleDeclaration Declare(string schedules, string name = "job.yaml", string job = "sample", string datasets = "")
    {
        Write(schedules, name, job, datasets);
        return Declarations.Declare([Jobs]);
    }

    public void Write(string schedules, string name = "job.yaml", string job = "sample", string datasets = "") => System.IO.File.WriteAllText(Path.Combine(Jobs, name), $$"""
        job: {{job}}
        {{datasets}}
        schedules:
          {{schedules.ReplaceLineEndings("\n  ")}}
        parameters:
          corpus: { default: data/a.jsonl }
        stages:
          documents:
            uses: ingest
            with: { files: ["${corpus}"] }
          pairs:
            uses: pairs
            from: { documents: documents }
        """);

    /// <summary>Ends runs as an executor would.</summary>
    public void End(params IEnumerable<string> runs)
    {
        foreach (var run in runs)
        {
            Ledger.Write(db => db.Execute("UPDATE run SET state='succeeded', ended_us=?2 WHERE run_id=?1 AND state<>'cancelled'", run, Time.Micros()));
        }
    }

    /// <summary>Makes a version of a data set.</summary>
    public void Version(string dataset, string hash) => Ledger.Write(db =>
    {
        db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, started_us, seen_us) VALUES ('w', 'run', 'h', 1, 1, 'b', 0, 0) ON CONFLICT DO NOTHING");
        db.Execute("INSERT INTO code_version(code_id, assemblies_json, created_us) VALUES ('c', '[]', 0) ON CONFLICT DO NOTHING");
        db.Execute("INSERT INTO param_set(param_id, semantic_json, operational_json) VALUES ('p', '{}', '{}') ON CONFLICT DO NOTHING");
        db.Execute("""
            INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, seed, threads, code_id, state, requested_by, created_us)
            VALUES ('maker', 'maker', 'manual', 'maker', ?1, 1, 1, 'c', 'running', 'x', 0) ON CONFLICT DO NOTHING
            """, $$$"""{"datasets":{"{{{dataset}}}":"documents.documents"}}""");
        db.Execute("INSERT INTO node(run_id, node_id, stage, uses, ordinal, state, param_id) VALUES ('maker', 'documents', 'documents', 'ingest', 0, 'succeeded', 'p') ON CONFLICT DO NOTHING");
        var epoch = db.Number("SELECT COUNT(*) FROM attempt");
        db.Execute("INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, state, started_us) VALUES (?1, 'maker', 'documents', ?2, 'w', 'committed', 0)", $"a{epoch}", epoch);
        db.Execute("INSERT INTO blob(hash, size, state, first_us) VALUES (?1, 1, 'live', 0) ON CONFLICT DO NOTHING", hash);
        db.Execute("INSERT INTO artifact(artifact_id, kind, blob_hash, logical_hash, size, created_us) VALUES (?1, 'documents', ?1, ?1, 1, 0) ON CONFLICT DO NOTHING", hash);
        db.Execute("INSERT INTO edge(attempt_id, dir, slot, artifact_id) VALUES (?1, 'out', 'documents', ?2)", $"a{epoch}", hash);
        Datasets.Commit(db, "maker", "documents", $"a{epoch}", Time.Micros());
    });

    /// <summary>Asks SQLite's own shell.</summary>
    public Task<string> SqlAsync(string sql) => SqliteShell.RunAsync(File, sql, CancellationToken.None);

    /// <summary>Outcomes of ticks with their counts, as in "fired 1, missed 9".</summary>
    public async Task<string> OutcomesAsync() => (await SqlAsync("SELECT outcome || ' ' || SUM(count) FROM schedule_tick GROUP BY outcome ORDER BY outcome")).Replace("\n", ", ");

    public void Dispose()
    {
        Ledger.Dispose();
        home.Dispose();
        folder.Dispose();
    }
}
