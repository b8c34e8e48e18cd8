using System.Text.Json;
using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>The stages of a run that have no result yet, planned from its stored job as files are now.</summary>
sealed record RequeuePlan(string RunId, IReadOnlyDictionary<string, PlannedNode> Nodes)
{
    /// <summary>Whether it was found to fit what is done already.</summary>
    public bool Fits { get; set; }
}

/// <summary>What a requeue did.</summary>
/// <param name="Reset">Nodes that run again, as planned now.</param>
/// <param name="Refused">Why, by node that does not.</param>
sealed record RequeueResult(IReadOnlyList<PlannedNode> Reset, IReadOnlyDictionary<string, string> Refused);

/// <summary>
/// Makes nodes run again that ended without a result or wait for their next try: with them what they need that has no result either, and of what depends on them all that then misses nothing.
/// The rest of the run stays as it is.
/// </summary>
sealed class NodeRequeue(Home home)
{
    const string Ended = "('failed','cancelled','skipped')";

    /// <summary>Plans; hashes files, so call it outside of transactions.</summary>
    public RequeuePlan Plan(string runId)
    {
        var (json, open) = home.Ledger.Read(db => (
            db.Text("SELECT job_json FROM run WHERE run_id=?1", runId) ?? throw new WorkflowException($"No run '{runId}' in this home.", exitCode: 2),
            db.Query("SELECT DISTINCT stage FROM node WHERE run_id=?1 AND state NOT IN('succeeded','reused')", r => r.Text(0), runId).ToHashSet(StringComparer.Ordinal)));
        return new RequeuePlan(runId, RunPlanner.Plan(home.Options.JobFromJson(json), open.Contains).ToDictionary(n => n.NodeId, StringComparer.Ordinal));
    }

    /// <summary>Writes it, inside the caller's transaction.</summary>
    /// <param name="db">The open transaction.</param>
    /// <param name="plan">See <see cref="Plan"/>.</param>
    /// <param name="nodes">Which.</param>
    /// <param name="by">Who asks, for the history.</param>
    /// <param name="live">Whether this process executes the run at the moment; where not, the run is queued again.</param>
    /// <exception cref="WorkflowException">A file that a finished partition of the same stage read has changed since.</exception>
    public RequeueResult Write(LedgerConnection db, RequeuePlan plan, IReadOnlyList<string> nodes, string by, bool live)
    {
        var (runId, now) = (plan.RunId, home.Now);
        var refused = new Dictionary<string, string>(StringComparer.Ordinal);
        var wanted = new List<string>();
        foreach (var id in nodes)
        {
            var node = NodeNow.Find(db, runId, id);
            if (node.State is "waiting" or "ready" && !RunStates.Ended(node.RunState))
            {
                // It came back with another one that needs it.
                continue;
            }

            if (node.Refusal("requeue") is { } why)
            {
                refused.Add(id, why);
            }
            else if (node.State is "running" or "succeeded" or "reused")
            {
                refused.Add(id, $"{id} is {node.State} by now.");
            }
            else
            {
                wanted.Add(id);
            }
        }

        if (wanted.Count == 0)
        {
            return new RequeueResult([], refused);
        }

        if (!live)
        {
            new RunRows(home).ResetDamaged(db, runId, now);
        }

        var reset = Needed(db, runId, wanted);
        RefuseUnplanned(plan, reset, wanted, refused);
        if (!plan.Fits)
        {
            RefuseChanged(db, plan);
            plan.Fits = true;
        }

        reset.ForEach(id => RunRows.Reset(db, runId, plan.Nodes[id]));
        foreach (var id in Below(db, runId, reset))
        {
            if (plan.Nodes.TryGetValue(id, out var node) && db.Number($"""
                SELECT EXISTS(SELECT 1 FROM node_dep d JOIN node u ON u.run_id=d.run_id AND u.node_id=d.upstream_id WHERE d.run_id=?1 AND d.node_id=?2 AND u.state IN{Ended})
                """, runId, id) == 0)
            {
                RunRows.Reset(db, runId, node);
                reset.Add(id);
            }
        }

        wanted.Where(id => !refused.ContainsKey(id)).ToList().ForEach(id => home.History.Add(db, "node.requeued", runId, id, detail: by));
        GoOn(db, runId, by, live, now);
        return new RequeueResult(reset.ConvertAll(id => plan.Nodes[id]), refused);
    }

    /// <summary>The nodes, and what they wait for that ended without a result, in the order of the job.</summary>
    static List<string> Needed(LedgerConnection db, string runId, List<string> nodes) => db.Query($"""
        WITH RECURSIVE need(id) AS (SELECT value FROM json_each(?2)
          UNION SELECT d.upstream_id FROM need JOIN node_dep d ON d.run_id=?1 AND d.node_id=need.id JOIN node u ON u.run_id=?1 AND u.node_id=d.upstream_id AND u.state IN{Ended})
        SELECT n.node_id FROM need JOIN node n ON n.run_id=?1 AND n.node_id=need.id ORDER BY n.ordinal, n.kind='gather', n.node_id
        """, r => r.Text(0), runId, JsonSerializer.Serialize(nodes));

    /// <summary>All that depends on nodes and did not run for their sake, in the order of the job.</summary>
    static List<string> Below(LedgerConnection db, string runId, List<string> nodes) => db.Query("""
        WITH RECURSIVE down(id) AS (SELECT d.node_id FROM json_each(?2) j JOIN node_dep d ON d.run_id=?1 AND d.upstream_id=j.value
          UNION SELECT d.node_id FROM down JOIN node_dep d ON d.run_id=?1 AND d.upstream_id=down.id)
        SELECT n.node_id FROM down JOIN node n ON n.run_id=?1 AND n.node_id=down.id WHERE n.state IN('skipped','cancelled') ORDER BY n.ordinal, n.kind='gather', n.node_id
        """, r => r.Text(0), runId, JsonSerializer.Serialize(nodes));

    static void RefuseUnplanned(RequeuePlan plan, List<string> reset, List<string> wanted, Dictionary<string, string> refused)
    {
        foreach (var gone in reset.Where(id => !plan.Nodes.ContainsKey(id)).ToList())
        {
            if (!wanted.Contains(gone))
            {
                throw new WorkflowException($"{gone} is needed, but the job's files no longer give it anything to read. Resume the run: it is planned anew.");
            }

            refused.Add(gone, $"The job's files no longer give {gone} anything to read. Resume the run: it is planned anew.");
            reset.Remove(gone);
        }
    }

    static void RefuseChanged(LedgerConnection db, RequeuePlan plan)
    {
        var stages = JsonSerializer.Serialize(plan.Nodes.Values.Select(n => n.Spec.Name).Distinct());
        var done = db.Query("SELECT node_id, plan_json FROM node WHERE run_id=?1 AND state IN('succeeded','reused') AND stage IN (SELECT value FROM json_each(?2))", r => (r.Text(0), r.Text(1)), plan.RunId, stages);
        RunRows.RefuseChanged(plan.RunId, done, plan.Nodes);
    }

    void GoOn(LedgerConnection db, string runId, string by, bool live, long now)
    {
        if (!live)
        {
            RunRows.Rank(db, runId, home.History.Ageing);
            db.Execute("UPDATE run SET state='queued', worker_id=?2, ended_us=NULL, cancel_requested_us=NULL WHERE run_id=?1", runId, home.WorkerId);
            home.History.Add(db, "run.resumed", runId, detail: by);
        }

        db.Execute("UPDATE node SET state='ready' WHERE run_id=?1 AND state='waiting' AND waits=0", runId);
        db.Execute("UPDATE run SET error_text=NULL WHERE run_id=?1 AND NOT EXISTS(SELECT 1 FROM node WHERE run_id=?1 AND state='failed')", runId);
        NodeStates.RollUp(db, home.History, runId, now);
    }
}
