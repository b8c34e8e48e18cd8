using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DataPrep.Tables;
using Trainer.Evaluation;
using Workflow.Ledger;

namespace Workflow.Tests.Dashboard;

/// <summary>
/// A home in which a job ran three times, with its files: the second run had another temperature and one more column in its pairs and took the documents from the cache, the third failed at once. Some titles are unfriendly.
/// </summary>
sealed class DataHome : IDisposable
{
    public const string Hostile = "<script>document.title='owned'</script><img src=x onerror=alert(1)>";
    public const string First = "01980000-0000-7000-8000-00000000000a";
    public const string Second = "01980000-0000-7000-8000-00000000000b";
    public const string Third = "01980000-0000-7000-8000-00000000000c";
    public const string Job = "catalogue";
    public const string SourceRow = """{"id":"d2","title":"<script>document.title='owned'</script>","content":"the third row"}""";

    readonly TestHome home = new();
    readonly TestHome outside = new();
    readonly ITableStore tables = Composition.Tables();
    readonly Dictionary<string, string> ids = new(StringComparer.Ordinal);
    readonly long start;

    public DataHome(TimeSpan? age = null)
    {
        start = (TimeProvider.System.GetUtcNow() - (age ?? TimeSpan.FromHours(6))).Micros();
        Ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System);
        Files();
        Ledger.Write(Seed);
    }

    public string Root => home.Root;

    public Workflow.Artifacts.HomePaths Paths => home.Paths;

    public LedgerDb Ledger { get; }

    /// <summary>Id of an artifact by the name it has here.</summary>
    public string this[string name] => ids[name];

    public void Dispose()
    {
        Ledger.Dispose();
        home.Dispose();
        outside.Dispose();
    }

    void Files()
    {
        File.WriteAllLines(Path.Combine(outside.Root, "guides.jsonl"), ["{}", "{}", SourceRow]);
        string[] docs = ["d0", "d1", "d2"];
        Table("documents", "documents", "documents.parquet", Texts(("doc_id", docs), ("title", ["Path.Combine", "Path.Join", Hostile]), ("content", ["combines", "joins", "the third row"]), ("source", ["guides.jsonl", "guides.jsonl", "guides.jsonl"])),
            (new Column("source_row", ColumnType.Int64), new[] { 0L, 1L, 2L }));
        string[] queries = [.. Enumerable.Range(0, 45).Select(i => $"q{i:00}")];
        string[] named = [.. queries.Select((_, i) => docs[i % 3])];
        string[] texts = [.. queries.Select(q => q == "q02" ? Hostile : $"question {q}")];
        Table("pairs", "pairs", "part-00000.parquet", Texts(("query_id", queries), ("query", texts), ("doc_id", named)));
        Table("pairs-2", "pairs", "part-00000.parquet", Texts(("query_id", queries), ("query", texts), ("doc_id", named), ("note", texts)));
        Table("mined", "mined", "negatives-00000.parquet", Texts(("query_id", queries), ("positive_doc_id", named), ("negative_doc_id", [.. queries.Select((_, i) => docs[(i + 1) % 3])])));
        Table("mined-2", "mined", "negatives-00000.parquet", Texts(("query_id", queries), ("positive_doc_id", named), ("negative_doc_id", [.. queries.Select((_, i) => docs[(i + 2) % 3])])));
        Text("model", "model", "config.json", """{"dimensions":64}""");
        Text("model-2", "model", "config.json", """{"dimensions":96}""");
        Scores("scores", .40, queries);
        Scores("scores-2", .55, queries);
        Text("checkpoint", "checkpoint", "state.json", "{}");
        foreach (var part in Enumerable.Range(0, 4))
        {
            Text($"part-{part}", "mined", "part.txt", $"part {part}");
        }
    }

    static List<(Column, Array)> Texts(params (string Name, string[] Values)[] columns) => [.. columns.Select(c => (new Column(c.Name, ColumnType.String), (Array)c.Values))];

    void Scores(string name, double mean, string[] queries)
    {
        var values = queries.Select((_, i) => mean + (.1 * Math.Sin(i))).ToArray();
        var columns = RetrievalFiles.PerQuerySchema.Columns.Select(c => (c, c.Name switch { "query_id" => (Array)queries, "system" => queries.Select(_ => "model").ToArray(), _ => values })).ToList();
        var path = Path.Combine(outside.Root, $"{name}.parquet");
        tables.Write(path, new TableSchema([.. columns.Select(c => c.c)]), [new ColumnBatch(queries.Length, [.. columns.Select(c => c.Item2)])]);
        var json = Path.Combine(outside.Root, $"{name}.json");
        File.WriteAllText(json, JsonSerializer.Serialize(new { systems = new { model = RetrievalFiles.PerQuerySchema.Columns.Skip(2).ToDictionary(c => c.Name, _ => values.Average()) } }));
        Artifact(name, "scores", (RetrievalFiles.ScoresFile, json, null), (RetrievalFiles.PerQueryFile, path, queries.Length));
    }

    void Table(string name, string kind, string file, List<(Column Column, Array Values)> columns, params (Column Column, Array Values)[] more)
    {
        columns.AddRange(more);
        var path = Path.Combine(outside.Root, $"{name}.parquet");
        var rows = columns[0].Values.Length;
        tables.Write(path, new TableSchema([.. columns.Select(c => c.Column)]), [new ColumnBatch(rows, [.. columns.Select(c => c.Values)])]);
        Artifact(name, kind, (file, path, rows));
    }

    void Text(string name, string kind, string file, string text)
    {
        var path = Path.Combine(outside.Root, $"{name}.txt");
        File.WriteAllText(path, text);
        Artifact(name, kind, (file, path, null));
    }

    void Artifact(string name, string kind, params (string Name, string Path, long? Rows)[] files)
    {
        var members = files.Select(f => (f.Name, Hash: Publish(File.ReadAllBytes(f.Path)), Size: new FileInfo(f.Path).Length, f.Rows)).ToList();
        var id = Publish(Encoding.UTF8.GetBytes($"{kind} {string.Join(' ', members.Select(m => m.Hash))}"));
        ids[name] = id;
        Ledger.Write(db =>
        {
            db.Execute("INSERT INTO blob(hash, size, state, first_us) VALUES (?1, 80, 'live', ?2) ON CONFLICT DO NOTHING", id, start);
            db.Execute("INSERT INTO artifact(artifact_id, kind, blob_hash, logical_hash, rows, size, created_us) VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6)",
                id, kind, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes("logical " + id))), members.Find(m => m.Rows is not null).Rows, members.Sum(m => m.Size), start);
            foreach (var (member, i) in members.Select((m, i) => (m, i)))
            {
                db.Execute("INSERT INTO blob(hash, size, state, first_us) VALUES (?1, ?2, 'live', ?3) ON CONFLICT DO NOTHING", member.Hash, member.Size, start);
                db.Execute("INSERT INTO artifact_member(artifact_id, ordinal, name, blob_hash, size, rows, logical_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?4)", id, i, member.Name, member.Hash, member.Size, member.Rows);
            }
        });
    }

    string Publish(byte[] bytes)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
        Directory.CreateDirectory(Path.GetDirectoryName(home.Paths.Blob(hash))!);
        File.WriteAllBytes(home.Paths.Blob(hash), bytes);
        return hash;
    }

    void Seed(LedgerConnection db)
    {
        db.Execute("INSERT INTO code_version(code_id, git_sha, assemblies_json, created_us) VALUES ('code-1', 'aaa111', '[\"Workflow 1\"]', 0), ('code-2', 'bbb222', '[\"Workflow 2\"]', 0)");
        db.Execute("INSERT INTO param_set(param_id, semantic_json, operational_json) VALUES ('cold', '{\"loss\":{\"temperature\":0.02},\"epochs\":1}', '{}'), ('warm', '{\"loss\":{\"temperature\":0.05},\"epochs\":1}', '{}')");
        db.Execute("INSERT INTO worker(worker_id, role, host, pid, pid_start, boot_id, started_us, seen_us) VALUES ('w', 'serve', 'h', 1, 1, 'b', ?1, ?1)", start);
        Run(db, First, "succeeded", 0, "code-1");
        var parts = Enumerable.Range(0, 4).ToList();
        var file = JsonSerializer.Serialize(new { Partition = (object?)null, Files = new[] { new { Name = "in/guides.jsonl", Path = Path.Combine(outside.Root, "guides.jsonl"), Hash = "5d1a" } } });
        Node(db, First, "documents", "ingest", "single", 0, [], [("documents", "documents")], plan: file);
        Node(db, First, "pairs", "pairs", "single", 1, [("documents", "documents")], [("pairs", "pairs")]);
        parts.ForEach(p => Node(db, First, $"mine/{p:00000}", "mine", "partition", 2, [("documents", "documents"), ("pairs", "pairs")], [("mined", $"part-{p}")]));
        Node(db, First, "mine", "mine", "gather", 2, [("documents", "documents"), ("pairs", "pairs"), .. parts.Select(p => ($"partition:{p:00000}:mined", $"part-{p}"))], [("mined", "mined")]);
        Node(db, First, "train", "train", "single", 3, [("mined", "mined")], [("model", "model")], "warm");
        Node(db, First, "scores", "evaluate", "single", 4, [("model", "model"), ("documents", "documents")], [("scores", "scores")]);
        Run(db, Second, "succeeded", 60, "code-2");
        Reuse(db, Second, "documents", "ingest", 0, First);
        Node(db, Second, "pairs", "pairs", "single", 1, [("documents", "documents")], [("pairs", "pairs-2")]);
        Node(db, Second, "mine", "mine", "single", 2, [("documents", "documents"), ("pairs", "pairs-2")], [("mined", "mined-2")]);
        Node(db, Second, "train", "train", "single", 3, [("mined", "mined-2")], [("model", "model-2")], "cold", """[{"Field":"options.loss.temperature","Before":"0.05","After":"0.02","Text":"options.loss.temperature 0.05 -> 0.02"}]""");
        Node(db, Second, "scores", "evaluate", "single", 4, [("model", "model-2"), ("documents", "documents")], [("scores", "scores-2")]);
        Run(db, Third, "failed", 120, "code-2");
        db.Execute("INSERT INTO checkpoint(run_id, node_id, step, epoch, memo_key, artifact_id, cursor_json, best, created_us, kept) VALUES (?1, 'train', 100, 1, 'k', ?2, '{}', 1, ?3, 1)", First, ids["checkpoint"], start);
        db.Execute("UPDATE memo SET invalid_us=?2, invalid_reason=?3 WHERE memo_key=?1", $"{First}/pairs", start, $"file {Hostile} is no longer in the store");
        db.Execute("INSERT INTO dataset_version(dataset, version, seq, run_id, attempt_id, created_us) VALUES ('corpus', ?1, 1, ?2, ?3, ?4)", ids["documents"], First, Attempt(First, "documents"), start);
    }

    void Run(LedgerConnection db, string run, string state, int minutes, string code)
    {
        var at = start + (minutes * 60_000_000L);
        db.Execute("""
            INSERT INTO run(run_id, pipeline, trigger_kind, root_run, job_json, seed, threads, code_id, state, worker_id, requested_by, created_us, started_us, ended_us)
            VALUES (?1, ?2, 'manual', ?1, '{}', 17, 2, ?3, ?4, 'w', 'command line', ?5, ?5, ?6)
            """, run, Job, code, state, at, at + 600_000_000L);
        db.Execute("INSERT INTO event(ts_us, run_id, type, payload) VALUES (?1, ?2, 'run.queued', '{}'), (?3, ?2, 'run.ended', ?4)", at, run, at + 600_000_000L, $$"""{"detail":"{{state}}"}""");
    }

    static long At(LedgerConnection db, string run, int ordinal) => db.Number("SELECT created_us FROM run WHERE run_id=?1", run) + (ordinal * 60_000_000L);

    static string Attempt(string run, string node) => $"{run[^1]}-{node}";

    void Node(LedgerConnection db, string run, string node, string uses, string kind, int ordinal, (string Slot, string Name)[] ins, (string Slot, string Name)[] outs, string param = "cold", string why = "[]", string plan = "{}")
    {
        var (at, id, stage) = (At(db, run, ordinal), Attempt(run, node), node.Split('/')[0]);
        db.Execute("""
            INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, partition_key, state, epoch, committed_epoch, memo_key, key_json, memo_result, why_json, plan_json, param_id, tries, ended_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'succeeded', 1, 1, ?8, '{"stage":"x"}', 'miss', ?9, ?10, ?11, 1, ?12)
            """, run, node, stage, uses, kind, ordinal, kind == "partition" ? node.Split('/')[1] : "", $"{run}/{node}", why, plan, param, at + 30_000_000L);
        db.Execute("INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, host, state, started_us, ended_us, exit_kind) VALUES (?1, ?2, ?3, 1, 'w', 'h', 'committed', ?4, ?5, 'ok')", id, run, node, at, at + 30_000_000L);
        foreach (var (slot, name) in outs)
        {
            db.Execute("INSERT INTO edge(attempt_id, dir, slot, artifact_id) VALUES (?1, 'out', ?2, ?3)", id, slot, ids[name]);
        }

        foreach (var (slot, name) in ins)
        {
            db.Execute("INSERT INTO edge(attempt_id, dir, slot, artifact_id) VALUES (?1, 'in', ?2, ?3)", id, slot, ids[name]);
        }

        db.Execute("INSERT INTO memo(memo_key, stage, uses, kind, node_id, stage_code_hash, param_id, attempt_id, key_json, created_us) VALUES (?1, ?2, ?3, ?4, ?5, 'c', ?6, ?7, '{}', ?8)",
            $"{run}/{node}", stage, uses, kind, node, param, id, at + 30_000_000L);
    }

    void Reuse(LedgerConnection db, string run, string node, string uses, int ordinal, string from)
    {
        db.Execute("INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, state, memo_key, memo_result, param_id, ended_us) VALUES (?1, ?2, ?2, ?3, 'single', ?4, 'reused', ?5, 'hit', 'cold', ?6)",
            run, node, uses, ordinal, $"{from}/{node}", At(db, run, ordinal));
        db.Execute("UPDATE memo SET hits=hits+1, last_hit_us=?2 WHERE memo_key=?1", $"{from}/{node}", At(db, run, ordinal));
        db.Execute("INSERT INTO node_reuse(run_id, node_id, attempt_id, memo_key) VALUES (?1, ?2, ?3, ?4)", run, node, Attempt(from, node), $"{from}/{node}");
    }
}
