using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>Carries out requeues in the process that serves the home, whether it executes the run at the moment or not.</summary>
sealed class Requeuer(Home home, Dispatcher dispatcher, Action<string> start)
{
    readonly NodeRequeue requeue = new(home);

    /// <summary>Plans; see <see cref="NodeRequeue.Plan"/>.</summary>
    public RequeuePlan Plan(string runId) => requeue.Plan(runId);

    /// <summary>Makes nodes of a run run again.</summary>
    /// <param name="plan">Their run's plan.</param>
    /// <param name="nodes">Which.</param>
    /// <param name="by">Who asks.</param>
    /// <param name="also">Done in the same transaction, told why which was refused.</param>
    /// <returns>False where the run is just ending: nothing was done, look again.</returns>
    public async Task<bool> TryAsync(RequeuePlan plan, IReadOnlyList<string> nodes, string by, Action<LedgerConnection, IReadOnlyDictionary<string, string>> also)
    {
        var runId = plan.RunId;
        if (!dispatcher.Has(runId))
        {
            Write(plan, nodes, by, live: false, also);
            start(runId);
            return true;
        }

        return await dispatcher.BetweenAsync(runId, run =>
        {
            if (run is null || RunStates.Ended(home.Ledger.Read(db => db.Text("SELECT state FROM run WHERE run_id=?1", runId))!))
            {
                return false;
            }

            foreach (var node in Write(plan, nodes, by, live: true, also).Reset)
            {
                // Its place in the graph stays; what it reads may be new.
                run.Nodes[node.NodeId] = run.Nodes[node.NodeId] with { Partition = node.Partition, Files = node.Files };
                run.Missed.Remove(node.NodeId);
            }

            return true;
        });
    }

    RequeueResult Write(RequeuePlan plan, IReadOnlyList<string> nodes, string by, bool live, Action<LedgerConnection, IReadOnlyDictionary<string, string>> also) => home.Ledger.Write(db =>
    {
        var result = requeue.Write(db, plan, nodes, by, live);
        also(db, result.Refused);
        return result;
    });
}
