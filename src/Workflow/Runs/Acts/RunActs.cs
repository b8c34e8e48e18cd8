using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>
/// What people ask of runs, from the dashboard or a remote command line. Each act is one transaction with its line in the audit: what the ledger alone decides is done in it,
/// what plans a job anew is left there as a request for the process that serves the home.
/// </summary>
/// <param name="ledger">The ledger, opened for writing.</param>
sealed class RunActs(LedgerDb ledger)
{
    /// <summary>Priorities from minus this to this.</summary>
    public const int Highest = 1000;

    /// <summary>Stops a run. Where no attempt of it runs it ends here; else its executor stops them, and with the last of them it ends.</summary>
    public void Cancel(string runId, string actor, string reason) => Act(runId, "cancel", actor, reason, (db, run, now) =>
    {
        if (run.Cancelling)
        {
            throw new WorkflowException($"Run {runId} is being cancelled already.");
        }

        Cancel(db, new History(ledger.Time), runId, now);
    });

    /// <summary>Stops a run inside the caller's transaction; false where it has ended.</summary>
    public static bool Cancel(LedgerConnection db, History history, string runId, long now)
    {
        if (db.Execute("UPDATE run SET cancel_requested_us=COALESCE(cancel_requested_us, ?2) WHERE run_id=?1 AND state IN('queued','running','interrupted')", runId, now) == 0)
        {
            return false;
        }

        if (db.Number("SELECT COUNT(*) FROM attempt WHERE run_id=?1 AND state='running'", runId) == 0)
        {
            NodeStates.RollUp(db, history, runId, now);
        }

        return true;
    }

    /// <summary>Asks for a run to be continued.</summary>
    public void Resume(string runId, string actor, string reason) => Act(runId, "resume", actor, reason, (db, _, now) => Requests.Add(db, ledger.Time.NewId(), "resume", runId, null, actor, reason, now));

    /// <summary>Asks for a new run from a stage on.</summary>
    /// <returns>The new run's id.</returns>
    public string Restart(string runId, string stage, string actor, string reason)
    {
        var id = ledger.Time.NewId();
        Act(runId, "restart", actor, reason, (db, _, now) => Requests.Restart(db, id, runId, stage, actor, reason, now), new { from = stage, run = id });
        return id;
    }

    /// <summary>Gives an unfinished run another place in the queues.</summary>
    public void Prioritize(string runId, int priority, TimeSpan ageing, string actor, string reason)
    {
        if (Math.Abs(priority) > Highest)
        {
            throw new WorkflowException($"Found priority {priority}; expected {-Highest} to {Highest}.", exitCode: 2);
        }

        Act(runId, "prioritize", actor, reason, (db, run, _) =>
        {
            db.Execute("UPDATE run SET priority=?2 WHERE run_id=?1", runId, priority);
            db.Execute("""
                UPDATE node SET rank_us=(SELECT created_us - priority*?2 FROM run WHERE run_id=?1)
                WHERE run_id=?1 AND (state='waiting' OR state='ready' OR state='running' OR state='retry_wait')
                """, runId, (long)ageing.TotalMicroseconds);
        });
    }

    void Act(string runId, string act, string actor, string reason, Action<LedgerConnection, RunNow, long> change, object? more = null) => ledger.Write(db =>
    {
        var now = ledger.Time.Micros();
        var run = db.First("SELECT state, priority, cancel_requested_us IS NOT NULL FROM run WHERE run_id=?1", r => new RunNow(r.Text(0), r.Number(1), r.Number(2) == 1), runId)
            ?? throw new WorkflowException($"No run '{runId}' in this home.", exitCode: 2);
        if (!ActStates.Run(act, run.State))
        {
            throw new WorkflowException($"Run {runId} is {run.State}: there is nothing to {act}.");
        }

        change(db, run, now);
        Audit.Add(db, now, actor, act, runId, reason, new { state = run.State, priority = run.Priority, asked = more });
    });

    sealed record RunNow(string State, long Priority, bool Cancelling);
}
