using DataPrep;
using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>
/// Carries out acts over many, in batches: lists their targets, then works the list off. What a batch does and what it takes off the list are one transaction, so a serve that is killed anywhere goes on
/// where it was and acts on nothing twice.
/// </summary>
sealed class BulkWorker(Home home, RequestServer server)
{
    readonly Dictionary<string, RequeuePlan> plans = new(StringComparer.Ordinal);

    /// <summary>Targets listed at once.</summary>
    public int ListBatch { get; init; } = 5_000;

    /// <summary>Targets acted on at once.</summary>
    public int ActBatch { get; init; } = 200;

    /// <summary>Told after each batch.</summary>
    public Action<string> Stepped { get; init; } = static _ => { };

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(home.Options.Sweep, home.Options.Time);
        try
        {
            do
            {
                foreach (var bulk in home.Ledger.Read(BulkRow.Open))
                {
                    while (!cancellationToken.IsCancellationRequested && await StepAsync(bulk.Id, cancellationToken))
                    {
                        Stepped(bulk.Id);
                    }

                    plans.Clear();
                }
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>One batch of one bulk act; false where there is nothing to do for now.</summary>
    public async Task<bool> StepAsync(string id, CancellationToken cancellationToken)
    {
        if (home.Ledger.Read(db => BulkRow.Find(db, id)) is not { Ended: null } bulk)
        {
            return false;
        }

        if (bulk.State == "listing")
        {
            List(bulk);
            return true;
        }

        var items = home.Ledger.Read(db => db.Query("SELECT run_id, node_id FROM bulk_item WHERE bulk_id=?1 AND error IS NULL ORDER BY run_id, node_id LIMIT ?2", r => (Run: r.Text(0), Node: r.Text(1)), id, ActBatch));
        if (items.Count == 0)
        {
            home.Ledger.Write(db => db.Execute("UPDATE bulk_act SET state='ended', ended_us=?2 WHERE bulk_id=?1 AND ended_us IS NULL", id, home.Now));
            return false;
        }

        await server.Gate.WaitAsync(cancellationToken);
        try
        {
            return bulk.Kind == "run" ? Runs(bulk, items.ConvertAll(i => i.Run)) : await NodesAsync(bulk, items);
        }
        finally
        {
            server.Gate.Release();
        }
    }

    /// <summary>Reads outside of the transaction what it then writes: a list of a million must not hold up others' writes.</summary>
    void List(BulkRow bulk)
    {
        var targets = BulkTargets.Of(bulk.Filter, bulk.Action, bulk.Created.Micros());
        var cursor = home.Ledger.Read(db => db.First("SELECT cursor_state, cursor_run, cursor_node FROM bulk_act WHERE bulk_id=?1", r => (r.Text(0), r.Text(1), r.Text(2)), bulk.Id));
        var (ids, next) = home.Ledger.Read(db => targets.Next(db, cursor, ListBatch));
        home.Ledger.Write(db =>
        {
            var added = 0;
            foreach (var (run, node) in Held(db, bulk) ? ids : [])
            {
                added += db.Execute("INSERT INTO bulk_item(bulk_id, run_id, node_id) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", bulk.Id, run, node);
            }

            db.Execute("UPDATE bulk_act SET total=total+?2, cursor_state=?3, cursor_run=?4, cursor_node=?5, state=CASE WHEN ?6 THEN 'acting' ELSE state END WHERE bulk_id=?1 AND ended_us IS NULL",
                bulk.Id, added, next?.State ?? "", next?.Run ?? "", next?.Node ?? "", next is null);
        });
    }

    async Task<bool> NodesAsync(BulkRow bulk, List<(string Run, string Node)> items)
    {
        var by = $"{bulk.Actor}, bulk {bulk.Id}";
        if (bulk.Action != "requeue")
        {
            Each(bulk, items, (db, node) => Simple(db, bulk, node, by));
            return true;
        }

        // One run at a time: its stages are planned once for all of its nodes.
        var runId = items[0].Run;
        var mine = items.FindAll(i => i.Run == runId);
        var again = home.Ledger.Read(db => mine.FindAll(i => NodeNow.Look(db, runId, i.Node)?.State is "failed" or "cancelled" or "skipped" or "retry_wait")).ConvertAll(i => i.Node);
        if (again.Count == 0)
        {
            Each(bulk, mine, (db, node) => Simple(db, bulk, node, by));
            return true;
        }

        try
        {
            if (!plans.TryGetValue(runId, out var plan))
            {
                plans.Clear();
                plans.Add(runId, plan = server.Requeuer.Plan(runId));
            }

            return await server.Requeuer.TryAsync(plan, again, by, (db, refused) => Close(db, bulk, again.ConvertAll(n => (runId, n)), (_, node) => refused.GetValueOrDefault(node)));
        }
        catch (Exception fault) when (fault is WorkflowException or DataPrepException or IOException)
        {
            home.Ledger.Write(db => Held(db, bulk) && Close(db, bulk, again.ConvertAll(n => (runId, n)), (_, _) => fault.Message));
            return true;
        }
    }

    /// <summary>Acts that the ledger alone decides, and those that are only asked for: one transaction for the batch.</summary>
    void Each(BulkRow bulk, List<(string Run, string Node)> items, Func<LedgerConnection, NodeNow, string?> act) => home.Ledger.Write(db =>
    {
        if (!Held(db, bulk))
        {
            return;
        }

        var errors = items.ToDictionary(i => i, i => NodeNow.Look(db, i.Run, i.Node) is { } node ? act(db, node) : $"Run {i.Run} no longer has the node {i.Node}.");
        foreach (var run in items.Select(i => i.Run).Distinct())
        {
            NodeStates.RollUp(db, home.History, run, home.Now);
        }

        Close(db, bulk, items, (run, node) => errors[(run, node)]);
    });

    string? Simple(LedgerConnection db, BulkRow bulk, NodeNow node, string by)
    {
        if (bulk.Action == "requeue" && node.State is "waiting" or "ready")
        {
            // It came back with another one that needs it.
            return null;
        }

        if (node.Refusal(bulk.Action) is { } why)
        {
            return why;
        }

        switch (bulk.Action)
        {
            case "delete":
                NodeStates.Delete(db, home.History, node.RunId, node.NodeId, home.Now, by);
                break;
            case "enqueue":
                NodeStates.Enqueue(db, home.History, node.RunId, node.NodeId, by);
                break;
            case "requeue" when node.State == "running":
                NodeStates.Stop(db, home.History, node.RunId, node.NodeId, "requeue", by);
                break;
            case "requeue" when db.Number("SELECT COUNT(*) FROM request WHERE kind='restart' AND resume_of=?1 AND payload=?2 AND reason=?3", node.RunId, node.Stage, Again(bulk)) == 0:
                // Several partitions of one stage make one new run.
                Requests.Restart(db, home.Options.Time.NewId(), node.RunId, node.Stage, bulk.Actor, Again(bulk), home.Now);
                break;
        }

        return null;
    }

    static string Again(BulkRow bulk) => $"{bulk.Reason} (bulk {bulk.Id})";

    bool Runs(BulkRow bulk, List<string> runs)
    {
        foreach (var runId in runs)
        {
            try
            {
                if (bulk.Action == "cancel")
                {
                    home.Ledger.Write(db => Cancel(db, bulk, runId));
                }
                else if (!server.Resume(runId, bulk.Actor, db => CloseRun(db, bulk, runId, null)))
                {
                    return false;
                }
            }
            catch (Exception fault) when (fault is WorkflowException or DataPrepException or IOException)
            {
                home.Ledger.Write(db => Held(db, bulk) && CloseRun(db, bulk, runId, fault.Message));
            }
        }

        return true;
    }

    void Cancel(LedgerConnection db, BulkRow bulk, string runId)
    {
        if (!Held(db, bulk))
        {
            return;
        }

        var asked = RunActs.Cancel(db, home.History, runId, home.Now);
        CloseRun(db, bulk, runId, asked ? null : $"Run {runId} has ended by now.");
    }

    static bool CloseRun(LedgerConnection db, BulkRow bulk, string runId, string? error) => Close(db, bulk, [(runId, "")], (_, _) => error);

    /// <summary>Whether the bulk act still goes on; asked in the transaction of each batch.</summary>
    static bool Held(LedgerConnection db, BulkRow bulk) => db.Number("SELECT COUNT(*) FROM bulk_act WHERE bulk_id=?1 AND ended_us IS NULL", bulk.Id) == 1;

    /// <summary>Takes targets off the list, or notes why their act was refused.</summary>
    static bool Close(LedgerConnection db, BulkRow bulk, List<(string Run, string Node)> items, Func<string, string, string?> error)
    {
        if (!Held(db, bulk))
        {
            throw new WorkflowException($"The bulk act {bulk.Id} was stopped.");
        }

        var (done, failed) = (0, 0);
        foreach (var (run, node) in items)
        {
            if (error(run, node) is not { } why)
            {
                done += db.Execute("DELETE FROM bulk_item WHERE bulk_id=?1 AND run_id=?2 AND node_id=?3", bulk.Id, run, node);
            }
            else
            {
                failed += db.Execute("UPDATE bulk_item SET error=?4 WHERE bulk_id=?1 AND run_id=?2 AND node_id=?3 AND error IS NULL", bulk.Id, run, node, why.Length > 1000 ? why[..1000] : why);
            }
        }

        db.Execute("UPDATE bulk_act SET done=done+?2, failed=failed+?3 WHERE bulk_id=?1", bulk.Id, done, failed);
        return true;
    }
}
