using Workflow.Ledger;

namespace Bench;

/// <summary>Writes one run of a generated home with all that hangs on it.</summary>
sealed class DashboardRun(DashboardHome home, LedgerConnection db)
{
    static readonly (string Name, string[] From, string[] Slots)[] Stages =
    [
        ("ingest", [], ["documents", "rejects"]), ("pairs", ["ingest"], ["pairs"]), ("vocabulary", ["ingest", "pairs"], ["tokenizer"]), ("mine", ["ingest", "pairs"], ["mined"]),
        ("shard", ["mine"], ["shards"]), ("train", ["shard", "vocabulary"], ["model"]), ("evaluate", ["train", "ingest", "pairs"], ["scores"]), ("report", ["evaluate", "train"], ["report"]),
    ];

    static readonly (string Kind, string Class, string Type, string Text)[] Faults =
    [
        ("user", "data", "DataPrep.DataPrepException", "Expected a column 'query' in corpus/{0}.jsonl, found 'question' at line {1}. Name it in columns:."),
        ("out_of_memory", "resource", "System.OutOfMemoryException", "The batch of {1} passages does not fit in memory: use a smaller mini_batch."),
        ("error", "code", "System.InvalidOperationException", "Sequence contains no elements in shard {1} of {0}."),
        ("transient", "transient", "System.Net.Http.HttpRequestException", "The endpoint http://127.0.0.1:8000/v1 answered 503 to request {1}; it is asked again."),
        ("timeout", "transient", "System.TimeoutException", "Stage took longer than timeout: {1} s."),
    ];

    static readonly string[] Actors = ["ada", "grace", "edsger", "barbara", "command line", "schedule"];

    readonly Dictionary<string, string> made = new(StringComparer.Ordinal);
    long clock;

    public required string Id { get; init; }

    public required int Number { get; init; }

    public required string Pipeline { get; init; }

    public required string State { get; init; }

    public required long Created { get; init; }

    public required int Partitions { get; init; }

    /// <summary>Whether it is the one with very many partitions.</summary>
    public bool Heavy { get; init; }

    /// <summary>Whether it is the one with very long metric series.</summary>
    public bool Long { get; init; }

    bool Ended => State is "succeeded" or "failed" or "partial" or "cancelled";

    public void Write()
    {
        clock = Created + 2_000_000;
        var trigger = (Number % 10) switch { < 6 => "cron", 6 or 7 => "manual", 8 => "api", _ => "upstream" };
        var batch = 16 << (Number % 4);
        db.Execute("""
            INSERT INTO run(run_id, pipeline, trigger_kind, schedule_key, nominal_start_us, root_run, job_json, description, seed, threads, code_id, priority, state, worker_id, requested_by, reason, error_text, created_us, started_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?1, ?6, ?7, ?8, 2, ?9, 0, ?10, ?11, ?12, ?13, NULL, ?14, ?15)
            """, Id, Pipeline, trigger, trigger == "cron" ? $"{Pipeline}/daily" : null, trigger == "cron" ? Created - (Created % 60_000_000) + Number : null, Job(batch), $"Trains a retrieval model on {Pipeline.Split('-')[1]}.", Number,
            $"code-{Number / 200}", State, State == "queued" ? null : Worker, Actors[Number % Actors.Length], Number % 5 == 0 ? $"after the corpus of {Pipeline} grew by {Number} documents" : null, Created, State == "queued" ? null : clock);
        Event("run.queued", null, null);
        if (State != "queued")
        {
            Event("run.started", null, null);
        }

        // Where the run stopped: everything before it is done, everything after it waits or was skipped.
        var stop = State == "succeeded" ? Stages.Length : State == "queued" ? -1 : Heavy ? 3 : Long ? 5 : State == "partial" ? 4 : home.Random.Next(Stages.Length);
        for (var i = 0; i < Stages.Length; i++)
        {
            Stage(i, i < stop ? "succeeded" : i > stop ? Ended ? "skipped" : State == "queued" && i == 0 ? "ready" : "waiting" : State switch
            {
                "running" => "running",
                "failed" or "partial" => "failed",
                "cancelled" => "cancelled",
                _ => "waiting",
            }, batch);
        }

        if (Ended)
        {
            db.Execute("UPDATE run SET ended_us=?2 WHERE run_id=?1", Id, clock);
            Event("run.ended", null, State);
        }
    }

    string Worker => Ended || State == "interrupted" ? $"worker-{Number / 8}" : "worker-now";

    string Param(string stage, int batch) => $"{stage}-{batch}";

    void Stage(int index, string state, int batch)
    {
        var (stage, from, slots) = Stages[index];
        var split = stage == "mine";
        var reused = state == "succeeded" && index < 3 && Number > 100 && Number % 10 == 0;
        if (split)
        {
            for (var part = 0; part < Partitions; part++)
            {
                Partition(stage, part, state, from, batch);
            }
        }

        // A gathering node of a running stage waits for its partitions.
        var shown = reused ? "reused" : split && state == "running" ? "waiting" : state;
        var epoch = shown is "succeeded" or "failed" or "running" or "cancelled" ? 1 : 0;
        Node(stage, stage, split ? "gather" : "single", index, shown, epoch, batch);
        foreach (var upstream in from)
        {
            db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) VALUES (?1, ?2, ?3)", Id, stage, upstream);
        }

        db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) SELECT run_id, stage, node_id FROM node WHERE run_id=?1 AND stage=?2 AND kind='partition'", Id, stage);

        if (epoch == 1)
        {
            var attempt = Attempt(stage, stage, shown, from, slots, 30_000_000L + home.Random.NextInt64(600_000_000), 0);
            if (stage == "train")
            {
                new DashboardTraining(home, db) { Run = Id, Attempt = attempt, Started = clock, Long = Long, Model = made.GetValueOrDefault("model") }.Write();
            }
        }
        else if (reused)
        {
            db.Execute("INSERT INTO node_reuse(run_id, node_id, attempt_id, memo_key) VALUES (?1, ?2, (SELECT attempt_id FROM attempt WHERE node_id=?2 AND state='committed' ORDER BY rowid LIMIT 1), ?3)", Id, stage, DashboardHome.Hash($"{Id}{stage}"));
            Event("node.reused", stage, "earlier");
            foreach (var slot in slots)
            {
                made[slot] = db.Text("SELECT e.artifact_id FROM node_reuse u JOIN edge e ON e.attempt_id=u.attempt_id AND e.dir='out' AND e.slot=?3 WHERE u.run_id=?1 AND u.node_id=?2", Id, stage, slot)!;
            }
        }
    }

    void Partition(string stage, int part, string state, string[] from, int batch)
    {
        var node = $"{stage}/{part:000000}";
        var draw = home.Random.NextDouble();
        var shown = state switch
        {
            "running" => part < 8 ? "running" : draw switch { < 0.965 => "succeeded", < 0.97 => "failed", < 0.974 => "retry_wait", < 0.98 => "reused", _ => "ready" },
            "failed" => draw < 0.9 ? "succeeded" : draw < 0.97 ? "failed" : "skipped",
            "cancelled" => draw < 0.5 ? "succeeded" : "cancelled",
            "succeeded" or "skipped" or "ready" => state,
            _ => "waiting",
        };
        shown = shown == "failed" && State is not ("failed" or "partial" or "running") ? "succeeded" : shown;
        var epoch = shown is "succeeded" or "failed" or "running" or "retry_wait" || (shown == "cancelled" && draw < 0.7) ? 1 : 0;
        Node(node, stage, "partition", 3, shown, epoch, batch);
        db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) VALUES (?1, ?2, 'ingest')", Id, node);
        if (epoch == 1)
        {
            Attempt(node, stage, shown, from[..1], Heavy || part % 8 == 0 ? ["mined"] : [], Heavy ? 40_000 : 900_000, part);
        }
    }

    void Node(string node, string stage, string kind, int ordinal, string state, int epoch, int batch)
    {
        var done = state is "succeeded" or "reused" or "failed" or "skipped" or "cancelled";
        var known = epoch == 1 || state == "reused";
        db.Execute("""
            INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, partition_key, state, epoch, committed_epoch, memo_key, key_json, memo_result, why_json, plan_json, param_id, tries, max_tries, eligible_us, slot_class, rank_us, waits, ended_us)
            VALUES (?1, ?2, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, '{"Files":[]}', ?14, ?15, 5, ?16, ?17, ?18, ?19, ?20)
            """, Id, node, stage, kind, ordinal, kind == "partition" ? node[(stage.Length + 1)..] : "", state, epoch, state == "succeeded" ? 1L : null, known ? DashboardHome.Hash(Id + node) : null,
            known ? $$"""{"kind":"{{kind}}","options":{"batch_size":{{batch}}},"seed":{{Number}},"stage":"{{stage}}"}""" : null, state == "reused" ? "hit" : epoch == 1 ? "miss" : null,
            state == "reused" ? "[]" : epoch == 1 ? $$"""[{"Field":"seed","Before":"{{Number - 1}}","After":"{{Number}}","Text":"The seed is another one."}]""" : null, Param(stage, batch), epoch,
            state == "retry_wait" ? home.Now + home.Random.NextInt64(300_000_000) : 0L, stage is "train" or "evaluate" ? "gpu" : "cpu", Created, state == "waiting" ? 1 : 0, done ? clock : null);
    }

    string Attempt(string node, string stage, string state, string[] from, string[] slots, long took, int part)
    {
        var started = clock;
        var ended = state == "running" ? (long?)null : clock + took;
        clock = ended ?? clock;
        var fault = state is "failed" or "retry_wait" ? Faults[(Number + part) % Faults.Length] : default;
        var id = home.Id(started);
        db.Execute("""
            INSERT INTO attempt(attempt_id, run_id, node_id, epoch, worker_id, host, pid, pid_start, boot_id, state, hb_ctr, progress_num, progress_den, progress_unit, progress_msg, started_us, seen_us, ended_us, exit_kind, error_class, error_type, error_fingerprint, error_text)
            VALUES (?1, ?2, ?3, 1, ?4, 'bench', 4711, 1, 'boot', ?5, 3, ?6, 1200, 'rows', 'at work', ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
            """, id, Id, node, Worker, state switch { "running" => "running", "failed" or "retry_wait" => "failed", "cancelled" => "cancelled", _ => "committed" }, state == "running" ? 420 : 1200, started, ended ?? home.Now, ended,
            ended is null ? null : fault.Kind ?? "ok", fault.Class, fault.Type, fault.Type is null ? null : DashboardHome.Hash(fault.Type)[..16], fault.Text is null ? null : string.Format(fault.Text, Pipeline, part));
        Event("node.claimed", node, id);
        Log(id, started, part == 0 && stage == "train" ? 60 : 2, stage, node);
        if (state != "succeeded")
        {
            if (ended is not null)
            {
                Event(state == "retry_wait" ? "node.retry" : $"node.{state}", node, fault.Kind ?? "cancelled");
                if (state == "failed")
                {
                    db.Execute("UPDATE run SET error_text=COALESCE(error_text, ?2) WHERE run_id=?1", Id, $"{node}: {string.Format(fault.Text!, Pipeline, part)}");
                }
            }

            return id;
        }

        for (var i = 0; i < from.Length; i++)
        {
            var slot = Stages.First(s => s.Name == from[i]).Slots[0];
            if (made.TryGetValue(slot, out var artifact))
            {
                db.Execute("INSERT INTO edge(attempt_id, dir, slot, ordinal, artifact_id) VALUES (?1, 'in', ?2, ?3, ?4)", id, slot, i, artifact);
            }
        }

        foreach (var slot in slots)
        {
            Publish(id, node, slot, part);
        }

        if (slots.Length > 0)
        {
            db.Execute("INSERT INTO memo(memo_key, stage, uses, kind, node_id, stage_code_hash, param_id, attempt_id, key_json, created_us, hits, last_hit_us) VALUES (?1, ?2, ?2, 'single', ?3, 'code', ?4, ?5, '{}', ?6, ?7, ?8)",
                DashboardHome.Hash(Id + node), stage, node, Param(stage, 16 << (Number % 4)), id, clock, Number % 7 == 0 ? 3 : 0, Number % 7 == 0 ? clock + 1_000_000 : null);
        }

        Event("node.committed", node, id);
        return id;
    }

    void Publish(string attempt, string node, string slot, int part)
    {
        var hash = DashboardHome.Hash(attempt + slot);
        var (rows, size) = (slot is "model" or "tokenizer" or "report" ? null : (long?)(1000 + (Number * 13 % 90_000)), 10_000L + ((Number + part) * 7919L % 50_000_000));
        db.Execute("INSERT INTO blob(hash, size, state, first_us) VALUES (?1, ?2, ?3, ?4)", hash, size, (Number + part) % 97 == 0 ? "doomed" : "live", clock);
        db.Execute("INSERT INTO artifact(artifact_id, kind, blob_hash, logical_hash, rows, size, meta_json, created_us) VALUES (?1, ?2, ?1, ?3, ?4, ?5, ?6, ?7)", hash, slot, DashboardHome.Hash("logical" + hash), rows, size,
            $$"""{"columns":"doc_id,title,content","language":"en"}""", clock);
        db.Execute("INSERT INTO artifact_member(artifact_id, ordinal, name, blob_hash, size, rows, logical_hash) VALUES (?1, 0, ?2, ?1, ?3, ?4, ?1)", hash, $"{slot}-00000.parquet", size, rows);
        db.Execute("INSERT INTO edge(attempt_id, dir, slot, artifact_id) VALUES (?1, 'out', ?2, ?3)", attempt, slot, hash);
        if (!node.Contains('/', StringComparison.Ordinal))
        {
            made[slot] = hash;
        }

        if (slot is "documents" or "model" && node is "ingest" or "train")
        {
            db.Execute("INSERT INTO dataset_version(dataset, version, seq, run_id, attempt_id, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", $"{Pipeline}/{slot}", hash, Number, Id, attempt, clock);
        }
    }

    void Log(string attempt, long from, int lines, string stage, string node)
    {
        for (var line = 1; line <= lines; line++)
        {
            db.Execute("INSERT INTO attempt_log(attempt_id, seq, ts_us, line) VALUES (?1, ?2, ?3, ?4)", attempt, line, from + (line * 1000L), $"{stage} {node}: {line * 10} of {lines * 10} rows");
        }
    }

    void Event(string type, string? node, string? detail) => db.Execute("INSERT INTO event(ts_us, run_id, node_id, epoch, type, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", clock, Id, node, node is null ? null : 1L, type,
        detail is null ? null : $$"""{"detail":"{{detail}}"}""");

    string Job(int batch)
    {
        var stages = Stages.Select(s => $$$"""{"from":{{{{string.Join(",", s.From.Select(f => $"\"{f}\":[\"{f}.{Stages.First(t => t.Name == f).Slots[0]}\"]"))}}}},"name":"{{{s.Name}}}","uses":"{{{s.Name}}}","with":{"batch_size":{{{batch}}},"temperature":0.05}}""");
        return $$"""{"datasets":{"{{Pipeline}}/documents":"ingest.documents"},"description":"","job":"{{Pipeline}}","priority":0,"root":"/","seed":{{Number}},"stages":[{{string.Join(",", stages)}}],"threads":2}""";
    }
}
