using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>Runs as rows: creating one, loading its plan, continuing it, cancelling it.</summary>
sealed class RunRows(Home home)
{
    static readonly ConcurrentDictionary<Assembly, string> Builds = new();

    /// <summary>Plans a job and writes its run and nodes.</summary>
    public string Create(JobSpec job, RunRequest request)
    {
        var nodes = RunPlanner.Plan(job);
        var id = request.RunId ?? home.Options.Time.NewId();
        home.Ledger.Write(db => Insert(db, home.History, home.WorkerId, id, job, nodes, request));
        return id;
    }

    /// <summary>Writes a planned run inside the caller's transaction.</summary>
    /// <param name="db">The open transaction.</param>
    /// <param name="history">Where it is told.</param>
    /// <param name="worker">Who is to execute it; null leaves it to whoever serves.</param>
    /// <param name="runId">Its id.</param>
    /// <param name="job">The job.</param>
    /// <param name="nodes">Its plan, made before the transaction: planning hashes files.</param>
    /// <param name="request">Who asks.</param>
    /// <returns>False where this nominal time of this schedule has its run already; nothing was written.</returns>
    public static bool Insert(LedgerConnection db, History history, string? worker, string runId, JobSpec job, IReadOnlyList<PlannedNode> nodes, RunRequest request)
    {
        var (now, priority) = (history.Time.Micros(), request.Priority ?? job.Priority);
        if (db.Execute("""
            INSERT INTO run(run_id, pipeline, trigger_kind, schedule_key, nominal_start_us, nominal_end_us, partition_key, resume_of, root_run, backfill_id,
              job_json, description, seed, threads, code_id, priority, state, worker_id, requested_by, reason, created_us)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, COALESCE((SELECT root_run FROM run WHERE run_id=?8), ?1), ?9, ?10, ?11, ?12, ?13, ?14, ?15, 'queued', ?16, ?17, ?18, ?19) ON CONFLICT DO NOTHING
            """, runId, job.Name, request.Trigger, request.ScheduleKey, request.Nominal?.Micros(), request.NominalEnd?.Micros(), request.PartitionKey, request.ResumeOf, request.BackfillId,
            job.Json, job.Description, job.Seed, job.Threads, CodeVersion(db, job, now), priority, worker, request.Actor, request.Reason, now) == 0)
        {
            return false;
        }

        var rank = now - (priority * (long)history.Ageing.TotalMicroseconds);
        foreach (var node in nodes)
        {
            Insert(db, runId, node, rank);
        }

        Link(db, runId, nodes);
        history.Add(db, "run.queued", runId);
        return true;
    }

    /// <summary>Plans an earlier run's job again as a new run in which a stage and all that follows it are computed anew; what stands before it is reused where nothing changed.</summary>
    /// <param name="stage">The stage to start from.</param>
    /// <param name="request">Who asks; <see cref="RunRequest.ResumeOf"/> names the earlier run.</param>
    /// <returns>The new run.</returns>
    public string Restart(string stage, RunRequest request)
    {
        var (job, _) = Load(request.ResumeOf!);
        if (!job.Stages.Any(s => s.Name == stage))
        {
            throw new WorkflowException($"Run {request.ResumeOf} has no stage '{stage}'{NearestName.Hint(stage, [.. job.Stages.Select(s => s.Name)])}.", exitCode: 2);
        }

        var nodes = RunPlanner.Plan(job);
        var id = request.RunId ?? home.Options.Time.NewId();
        home.Ledger.Write(db =>
        {
            Insert(db, home.History, home.WorkerId, id, job, nodes, request with { Trigger = "resume" });
            db.Execute("""
                WITH RECURSIVE down(id) AS (SELECT node_id FROM node WHERE run_id=?1 AND stage=?2
                  UNION SELECT d.node_id FROM down JOIN node_dep d ON d.run_id=?1 AND d.upstream_id=down.id)
                UPDATE node SET forced=1 WHERE run_id=?1 AND node_id IN (SELECT id FROM down)
                """, id, stage);
        });
        return id;
    }

    /// <summary>The plan of a run as stored.</summary>
    public (JobSpec Job, Dictionary<string, PlannedNode> Nodes) Load(string runId)
    {
        var (json, rows, deps) = home.Ledger.Read(db => (
            db.Text("SELECT job_json FROM run WHERE run_id=?1", runId) ?? throw new WorkflowException($"No run '{runId}' in this home.", exitCode: 2),
            db.Query("SELECT node_id, stage, kind, ordinal, plan_json FROM node WHERE run_id=?1", r => (Id: r.Text(0), Stage: r.Text(1), Kind: r.Text(2), Ordinal: r.Number(3), Plan: r.Text(4)), runId),
            db.Query("SELECT node_id, upstream_id FROM node_dep WHERE run_id=?1 ORDER BY upstream_id", r => (Node: r.Text(0), Upstream: r.Text(1)), runId).ToLookup(d => d.Node, d => d.Upstream)));
        var job = home.Options.JobFromJson(json);
        var stages = job.Stages.ToDictionary(s => s.Name, StringComparer.Ordinal);
        return (job, rows.ToDictionary(r => r.Id, r => PlannedNode.FromStored(r.Id, stages[r.Stage], r.Kind, (int)r.Ordinal, r.Plan, [.. deps[r.Id]]), StringComparer.Ordinal));
    }

    /// <summary>
    /// Makes an unfinished, failed or cancelled run ready to go on under its id: what succeeded stays, unless its bytes are gone; the rest is planned again from the stored job.
    /// </summary>
    /// <param name="runId">The run.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="byItself">Nobody asked: only what has not ended goes on, and a run that is to be cancelled ends instead.</param>
    /// <param name="also">Done in the same transaction; null where nothing is.</param>
    /// <returns>False where nothing is left to do.</returns>
    /// <exception cref="WorkflowException">A file that a finished stage read has changed since.</exception>
    public bool Resume(string runId, string actor, bool byItself = false, Action<LedgerConnection>? also = null)
    {
        var (job, _) = Load(runId);
        var plan = RunPlanner.Plan(job).ToDictionary(n => n.NodeId, StringComparer.Ordinal);
        return home.Ledger.Write(db =>
        {
            var now = home.Now;
            also?.Invoke(db);
            if (byItself && db.Number("SELECT cancel_requested_us IS NOT NULL FROM run WHERE run_id=?1", runId) == 1)
            {
                NodeStates.RollUp(db, home.History, runId, now);
                return false;
            }

            ResetDamaged(db, runId, now);
            var present = db.Query("SELECT node_id, state, plan_json FROM node WHERE run_id=?1", r => (Id: r.Text(0), State: r.Text(1), Done: r.Text(1) is "succeeded" or "reused" or "running", Plan: r.Text(2)), runId);

            var old = present.ToDictionary(p => p.Id, StringComparer.Ordinal);

            // What was deleted, failed for good or was skipped stays so until somebody asks for it.
            var left = present.Where(p => byItself && p.State is "failed" or "cancelled" or "skipped").Select(p => p.Id).ToHashSet(StringComparer.Ordinal);

            // A stage that is done is done as of then: files that came since are the next run's.
            var complete = plan.Values.Where(n => n.Kind != "partition" && old.TryGetValue(n.NodeId, out var p) && (p.Done || left.Contains(p.Id))).Select(n => n.Spec.Name).ToHashSet(StringComparer.Ordinal);
            foreach (var late in plan.Values.Where(n => complete.Contains(n.Spec.Name) && !old.ContainsKey(n.NodeId)).ToList())
            {
                plan.Remove(late.NodeId);
            }

            RefuseChanged(runId, present.Where(p => p.Done).Select(p => (p.Id, p.Plan)), plan);
            foreach (var gone in present.Where(p => !p.Done && !left.Contains(p.Id) && !plan.ContainsKey(p.Id)))
            {
                db.Execute("DELETE FROM node WHERE run_id=?1 AND node_id=?2", runId, gone.Id);
            }

            foreach (var node in plan.Values)
            {
                if (!old.TryGetValue(node.NodeId, out var before))
                {
                    Insert(db, runId, node, rank: 0);
                }
                else if (!before.Done && !left.Contains(node.NodeId))
                {
                    Reset(db, runId, node);
                }
            }

            Link(db, runId, plan.Values, plan.ContainsKey);
            Rank(db, runId, home.History.Ageing);
            db.Execute("UPDATE node SET state='ready' WHERE run_id=?1 AND state='waiting' AND waits=0", runId);
            var open = db.Number("SELECT COUNT(*) FROM node WHERE run_id=?1 AND state NOT IN('succeeded','reused')", runId);
            if (open == 0 && db.Text("SELECT state FROM run WHERE run_id=?1", runId) == "succeeded")
            {
                return false;
            }

            db.Execute("UPDATE run SET state='queued', worker_id=?2, ended_us=NULL, cancel_requested_us=NULL, error_text=NULL WHERE run_id=?1", runId, home.WorkerId);
            home.History.Add(db, "run.resumed", runId, detail: actor);
            NodeStates.RollUp(db, home.History, runId, now);
            return open > 0;
        });
    }

    /// <summary>Makes a node wait for its start again, as planned now and with its tries counted anew.</summary>
    public static void Reset(LedgerConnection db, string runId, PlannedNode node) => db.Execute("""
        UPDATE node SET plan_json=?3, param_id=?4, max_tries=?5, timeout_s=?6, state='waiting', tries=0, infra_losses=0, tries_from=epoch, eligible_us=0, ended_us=NULL, memo_result=NULL, why_json=NULL, stop=NULL
        WHERE run_id=?1 AND node_id=?2
        """, runId, node.NodeId, node.PlanJson, ParamSet(db, node.Spec), node.Spec.MostTries, (long?)node.Spec.Timeout?.TotalSeconds);

    /// <summary>Asks for a run to be cancelled; false where it has ended.</summary>
    public static bool RequestCancel(LedgerDb ledger, string runId, string actor, string reason) => ledger.Write(db =>
    {
        var now = ledger.Time.Micros();
        if (db.Execute("UPDATE run SET cancel_requested_us=COALESCE(cancel_requested_us, ?2) WHERE run_id=?1 AND state IN('queued','running','interrupted')", runId, now) == 0)
        {
            return false;
        }

        Acts.Audit.Add(db, now, actor, "cancel", runId, reason);
        return true;
    });

    internal static void RefuseChanged(string runId, IEnumerable<(string Id, string Plan)> done, IReadOnlyDictionary<string, PlannedNode> plan)
    {
        foreach (var (id, stored) in done)
        {
            var before = JsonSerializer.Deserialize<PlannedNode.StoredPlan>(stored)!;
            var after = plan.TryGetValue(id, out var node) ? JsonSerializer.Deserialize<PlannedNode.StoredPlan>(node.PlanJson)! : null;
            var changed = before.Files.Where(f => after is null || !after.Files.Any(g => g.Name == f.Name && g.Hash == f.Hash)).Select(f => f.Name).ToList();
            if (after is null || changed.Count > 0 || before.Files.Count != after.Files.Count || before.Partition?.Semantic != after.Partition?.Semantic)
            {
                throw new WorkflowException($"Run {runId} cannot go on: its stage {id} is done, but what it read has changed since{(changed.Count > 0 ? $" ({string.Join(", ", changed.Take(5))})" : "")}. " +
                    "Start a new run of the job: everything unchanged is reused.");
            }
        }
    }

    /// <summary>Finished nodes whose files are gone or were found damaged go back to be computed again.</summary>
    internal void ResetDamaged(LedgerConnection db, string runId, long now)
    {
        var done = db.Query("""
            SELECT n.node_id, COALESCE(u.attempt_id, t.attempt_id), u.attempt_id IS NOT NULL FROM node n
            LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
            LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
            WHERE n.run_id=?1 AND n.state IN('succeeded','reused')
            """, r => (Node: r.Text(0), Attempt: r.Text(1), Reused: r.Number(2) == 1), runId);
        foreach (var (node, attempt, reused) in done.Where(d => ArtifactRows.OutputBlobs(db, d.Attempt).Exists(b => !home.Store.Has(b.Hash, b.Size))))
        {
            db.Execute("UPDATE memo SET invalid_us=?2, invalid_reason='its files are gone' WHERE attempt_id=?1 AND invalid_us IS NULL", attempt, now);
            if (reused)
            {
                db.Execute("DELETE FROM node_reuse WHERE run_id=?1 AND node_id=?2", runId, node);
            }
            else
            {
                db.Execute("UPDATE attempt SET state='superseded' WHERE attempt_id=?1", attempt);
            }

            db.Execute("UPDATE node SET state='waiting', committed_epoch=NULL, view_done=0 WHERE run_id=?1 AND node_id=?2", runId, node);
            db.Execute("UPDATE run SET state='interrupted' WHERE run_id=?1", runId);
            home.History.Add(db, "node.reset", runId, node, detail: "its files are gone or damaged");
        }
    }

    static void Insert(LedgerConnection db, string runId, PlannedNode node, long rank) => db.Execute("""
        INSERT INTO node(run_id, node_id, stage, uses, kind, ordinal, partition_key, state, plan_json, param_id, max_tries, timeout_s, slot_class, rank_us, waits)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
        """, runId, node.NodeId, node.Spec.Name, node.Spec.Stage.Name, node.Kind, node.Ordinal, node.Partition?.Key ?? "", node.Upstreams.Count == 0 ? "ready" : "waiting",
        node.PlanJson, ParamSet(db, node.Spec), node.Spec.MostTries, (long?)node.Spec.Timeout?.TotalSeconds, node.Spec.Stage.SlotClass(node.Spec.Options), rank,
        node.Upstreams.Distinct(StringComparer.Ordinal).Count());

    static void Link(LedgerConnection db, string runId, IEnumerable<PlannedNode> nodes, Func<string, bool>? planned = null)
    {
        foreach (var node in nodes)
        {
            foreach (var upstream in node.Upstreams.Where(u => planned?.Invoke(u) != false))
            {
                db.Execute("INSERT INTO node_dep(run_id, node_id, upstream_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", runId, node.NodeId, upstream);
            }
        }
    }

    /// <summary>Places the nodes of a run that goes on among those of other runs, and counts what each still waits for.</summary>
    internal static void Rank(LedgerConnection db, string runId, TimeSpan ageing) => db.Execute("""
        UPDATE node SET rank_us=(SELECT created_us - priority*?2 FROM run WHERE run_id=?1),
          waits=(SELECT COUNT(*) FROM node_dep d JOIN node u ON u.run_id=d.run_id AND u.node_id=d.upstream_id WHERE d.run_id=?1 AND d.node_id=node.node_id AND u.state NOT IN('succeeded','reused'))
        WHERE run_id=?1
        """, runId, (long)ageing.TotalMicroseconds);

    /// <summary>Takes the nodes of a run that nobody executes out of the queue; <see cref="Resume"/> puts them back.</summary>
    public static void Park(LedgerConnection db, string runId) => db.Execute("UPDATE node SET state='waiting' WHERE run_id=?1 AND state IN('ready','retry_wait')", runId);

    static string ParamSet(LedgerConnection db, StageSpec spec)
    {
        var id = CanonicalJson.Hash(spec.SemanticJson + "\n" + spec.OperationalJson);
        db.Execute("INSERT INTO param_set(param_id, semantic_json, operational_json) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", id, spec.SemanticJson, spec.OperationalJson);
        return id;
    }

    static string CodeVersion(LedgerConnection db, JobSpec job, long now)
    {
        var assemblies = JsonSerializer.Serialize(job.Stages.Select(s => s.Stage.GetType().Assembly).Append(typeof(RunRows).Assembly).Distinct()
            .Select(a => Builds.GetOrAdd(a, static a => $"{a.GetName().Name} {a.ManifestModule.ModuleVersionId}")).Order(StringComparer.Ordinal));
        var id = CanonicalJson.Hash(assemblies);
        db.Execute("INSERT INTO code_version(code_id, git_sha, assemblies_json, created_us) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING", id, HostEnvironment.Commit, assemblies, now);
        foreach (var stage in job.Stages.Select(s => s.Stage).DistinctBy(s => s.Name))
        {
            db.Execute("INSERT INTO stage_code(stage, stage_code_hash, declared_version, code_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                stage.Name, MemoKey.StageCode(stage), stage.Version, id);
        }

        return id;
    }
}
