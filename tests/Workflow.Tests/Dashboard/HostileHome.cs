using Workflow.Artifacts;
using Workflow.Dashboard.Access;
using Workflow.Ledger;

namespace Workflow.Tests.Dashboard;

/// <summary>A seeded home in which every text that could come from elsewhere begins as a link that is a script and goes on as markup: names, errors, log lines, reasons, parameters, file names, accounts.</summary>
sealed class HostileHome : IDisposable
{
    /// <summary>What is added to every text.</summary>
    public const string Markup = "<script>document.title='owned'</script>\"><img src=x onerror=alert(1)>' onfocus='alert(1)";

    const string Link = "javascript:alert(1)//";

    /// <summary>The same without a slash, for names that stand in addresses.</summary>
    public const string Segment = "\"><img src=x onerror=alert(1)>";

    // Texts that are no free text: hashes and codes that the program makes and reads back, and words of a closed list without a rule in the schema.
    static readonly HashSet<string> Kept = new(StringComparer.Ordinal)
    {
        "zone", "cron", "boot_id", "uses", "kind", "role", "queues", "slot_class", "exit_kind", "memo_key", "stage_code_hash", "logical_hash", "hash", "blob_hash", "schema_hash", "error_fingerprint", "dir", "scope", "node_id", "upstream_id", "run_id", "root_run", "resume_of", "attempt_id", "type", "status", "owner_table", "ref",
    };

    public HostileHome()
    {
        Home.Ledger.Write(Rows);
        foreach (var (table, column) in Home.Ledger.Read(Columns))
        {
            try
            {
                Home.Ledger.Write(db => Poison(db, table, column));
                Poisoned.Add($"{table}.{column}");
            }
            catch (Exception fault) when (fault is not InvalidOperationException)
            {
                // A key that others point to, or a word of a closed list: the schema itself keeps markup out.
            }
        }

        Home.Ledger.Write(Json);
        new AccountFile(new HomePaths(Home.Root)).Change(a => a.Add(new Account("id", Link + Markup, Role.Viewer, "", "", DateTimeOffset.UnixEpoch, [new ApiToken(Segment, "x", Markup, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200))])), () => { });
    }

    public SeededHome Home { get; } = new();

    /// <summary>Columns whose every text is hostile.</summary>
    public List<string> Poisoned { get; } = [];

    public void Dispose() => Home.Dispose();

    static List<(string Table, string Column)> Columns(LedgerConnection db) => db.Query("""
        SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c
        WHERE t.type='table' AND c.type='TEXT' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE 'search%' AND t.name NOT LIKE '%tally' AND t.name<>'stage_span' AND c.name NOT LIKE '%json' ORDER BY t.name, c.cid
        """, r => (r.Text(0), r.Text(1))).Where(c => !Kept.Contains(c.Item2)).ToList();

    static void Poison(LedgerConnection db, string table, string column) => db.Execute($"UPDATE {table} SET {column}=?1||{column}||?2 WHERE {column} IS NOT NULL AND {column} NOT LIKE '{{%'", Link, Markup);

    static void Json(LedgerConnection db)
    {
        var hostile = $$"""{"{{Markup.Replace("\"", "\\\"", StringComparison.Ordinal)}}":"{{Link}}{{Markup.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}""";
        db.Execute("UPDATE artifact SET meta_json=?1", hostile);
        db.Execute("UPDATE param_set SET semantic_json=?1, operational_json=?1", hostile);
        db.Execute("UPDATE audit SET before_json=?1", hostile);
        db.Execute("UPDATE node SET why_json=json_object('changed', json_array(?1))", Link + Markup);
        db.Execute("UPDATE node SET key_json=?1", hostile);
    }

    static void Rows(LedgerConnection db)
    {
        const long At = 1_770_000_000_000_000;
        db.Execute("INSERT INTO schedule(schedule_key, job, name, file, folder, source, cron, zone, misfire, overlap, paused_us, paused_by, paused_reason, cursor_us, declared_us, changed_us) VALUES (?1, ?2, 'javascript:alert(1)', 'f', 'd', 'serve', '0 2 * * *', 'UTC', 'skip', 'skip', ?3, 'p', 'r', ?3, ?3, ?3)",
            $"{Segment}/javascript:alert(1)", Segment, At);
        db.Execute("INSERT INTO schedule_tick(schedule_key, kind, nominal_us, outcome, reason, decided_us) SELECT schedule_key, 'cron', ?1, 'error', 'x', ?1 FROM schedule", At);
        db.Execute("INSERT INTO backfill(backfill_id, schedule_key, from_us, to_us, parallel, total, cursor_us, actor, reason, created_us) SELECT 'b', schedule_key, ?1, ?1+1, 1, 1, ?1, 'a', 'r', ?1 FROM schedule", At);
        db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason) VALUES (?1, 'a', 'cancel', 't', 'r'), (?1, 'a', 'schedule.pause', ?2, 'r')", At, $"{Segment}/x");
        db.Execute("INSERT INTO saved_filter(name, scope, query, owner, created_us) VALUES ('f', 'runs', 'state=failed', 'o', ?1), ('g', 'search', 'q=x', 'o', ?1)", At);
        db.Execute("INSERT INTO dataset_version(dataset, version, seq, run_id, attempt_id, created_us) SELECT ?1, ?2, 1, run_id, attempt_id, ?3 FROM attempt LIMIT 1", Segment, SeededHome.Hash("documents"), At);
        db.Execute("INSERT INTO pin(artifact_id, reason, actor) VALUES (?1, 'r', 'a')", SeededHome.Hash("model"));
        db.Execute("INSERT INTO tag(entity, id, k, v) VALUES ('run', ?1, 'k', 'v'), ('artifact', ?2, 'k', 'v')", SeededHome.Failed, SeededHome.Hash("model"));
        db.Execute("INSERT INTO model_slot(name, seq, artifact_id, actor, set_us, reason) VALUES ('s', 1, ?1, 'a', ?2, 'r')", SeededHome.Hash("model"), At);
        db.Execute("INSERT INTO check_result(attempt_id, name, status, severity, expected, actual) SELECT attempt_id, 'c', 'failed', 'error', 'e', 'f' FROM attempt", At);
        db.Execute("INSERT INTO column_lineage(stage, stage_code_hash, out_slot, out_col, in_slot, in_col, kind, descr) VALUES ('mine', 'h', 'mined', 'c', 'pairs', 'd', 'direct', 'x')");
        db.Execute("INSERT INTO request(request_id, kind, run_id, actor, reason, created_us, error) VALUES ('q', 'resume', ?1, 'a', 'r', ?2, 'e')", SeededHome.Failed, At);
        db.Execute("INSERT INTO event(ts_us, run_id, node_id, type, payload) VALUES (?1, ?2, 'mine', 'node.failed', ?3)", At, SeededHome.Failed, $$"""{"detail":"{{Markup.Replace("\"", "\\\"", StringComparison.Ordinal)}}"}""");
        db.Execute("INSERT INTO slot(slot_id, slot_class) VALUES ('s', 'cpu')");
        db.Execute("INSERT INTO memo(memo_key, stage, uses, kind, node_id, stage_code_hash, param_id, attempt_id, key_json, created_us, invalid_us, invalid_reason) SELECT 'm', 'mine', 'mine', 'single', 'mine', 'h', 'p', attempt_id, '{}', ?1, ?1, 'x' FROM attempt LIMIT 1", At);
    }
}
