using Workflow.Ledger;

namespace Workflow.Runs.Acts;

/// <summary>Rows that ask the process that serves the home for what it alone can do.</summary>
static class Requests
{
    /// <summary>Asks.</summary>
    /// <exception cref="WorkflowException">The same was asked for and is not taken yet.</exception>
    public static void Add(LedgerConnection db, string id, string kind, string runId, string? payload, string actor, string? reason, long now, string? resumeOf = null)
    {
        if (db.First("SELECT actor FROM request WHERE done_us IS NULL AND kind=?1 AND run_id=?2 AND payload IS ?3", r => r.Text(0), kind, runId, payload) is { } before)
        {
            throw new WorkflowException($"{before} asked for that already; the process that serves this home has not taken it yet.");
        }

        db.Execute("INSERT INTO request(request_id, kind, run_id, payload, resume_of, actor, reason, created_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            id, kind, runId, payload, resumeOf, actor, string.IsNullOrWhiteSpace(reason) ? null : reason.Trim(), now);
    }

    /// <summary>Asks for a new run of an earlier run's job, from a stage on.</summary>
    /// <param name="db">The open transaction.</param>
    /// <param name="newRun">The id it is to have; the request's too.</param>
    /// <param name="runId">The earlier run.</param>
    /// <param name="stage">The stage.</param>
    /// <param name="actor">Who.</param>
    /// <param name="reason">Why, or empty.</param>
    /// <param name="now">When.</param>
    /// <exception cref="WorkflowException">The run has no such stage.</exception>
    public static void Restart(LedgerConnection db, string newRun, string runId, string stage, string actor, string? reason, long now)
    {
        // The node of a stage, or the one that gathers its partitions, has the stage's name.
        if (db.Number("SELECT COUNT(*) FROM node WHERE run_id=?1 AND node_id=?2 AND kind<>'partition'", runId, stage) == 0)
        {
            var stages = db.Query("SELECT stage FROM node WHERE run_id=?1 AND kind<>'partition' ORDER BY ordinal", r => r.Text(0), runId);
            throw new WorkflowException($"Run {runId} has no stage '{stage}'{Jobs.NearestName.Hint(stage, stages)}", exitCode: 2);
        }

        Add(db, newRun, "restart", newRun, stage, actor, reason, now, runId);
    }
}
