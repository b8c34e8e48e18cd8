using Workflow.Ledger;

namespace Workflow.Dashboard.Queries;

/// <summary>A stage of a run with its partitions folded in.</summary>
/// <param name="Name">Name in the job.</param>
/// <param name="Uses">Kind of stage.</param>
/// <param name="State">State of its single or gathering node.</param>
/// <param name="Attempts">Attempts of the stage and its partitions.</param>
/// <param name="Partitions">Partitions; 0 where it is not split.</param>
/// <param name="PartitionsDone">Of these, succeeded or reused.</param>
/// <param name="Started">Start of the first attempt, or null.</param>
/// <param name="Ended">End of the last attempt, or null while one runs.</param>
/// <param name="Done">Units done by the running attempt.</param>
/// <param name="Total">Units in all; 0 unknown.</param>
/// <param name="Unit">What is counted.</param>
/// <param name="Message">What it is doing.</param>
/// <param name="Error">Last error of a failed attempt, where the stage has not succeeded.</param>
public sealed record StageRow(string Name, string Uses, string State, long Attempts, long Partitions, long PartitionsDone, DateTimeOffset? Started, DateTimeOffset? Ended,
    long Done, long Total, string? Unit, string? Message, string? Error)
{
    /// <summary>State to show: a gathering node that waits while partitions run is running.</summary>
    public string Shown => State is "waiting" or "ready" && Started is not null && Ended is null ? "running" : State;
}

/// <summary>All that a run's page shows.</summary>
public sealed record RunPageModel(RunRow Run, string Description, string? Reason, DateTimeOffset? CancelRequested, IReadOnlyList<StageRow> Stages, IReadOnlyList<(string From, string To)> Edges, IReadOnlyList<OutputRow> Outputs);

/// <summary>Reads for the page of a run; partitions are folded inside SQLite.</summary>
static class RunPageQueries
{
    /// <summary>The run, or null.</summary>
    public static RunPageModel? Run(LedgerConnection db, string id)
    {
        if (RunListQueries.One(db, id) is not { } run)
        {
            return null;
        }

        var (description, reason, cancel) = db.First("SELECT description, reason, cancel_requested_us FROM run WHERE run_id=?1", r => (r.Text(0), r.TextOrNull(1), r.TimeOrNull(2)), id);
        return new RunPageModel(run, description, reason, cancel, Stages(db, id), Edges(db, id), Outputs(db, id));
    }

    static List<StageRow> Stages(LedgerConnection db, string id) => db.Query("""
        WITH work AS (SELECT n.stage, COUNT(*) AS tries, MIN(t.started_us) AS began, MAX(t.ended_us) AS ended, SUM(t.state='running') AS busy
            FROM attempt t JOIN node n ON n.run_id=t.run_id AND n.node_id=t.node_id WHERE t.run_id=?1 GROUP BY n.stage),
          parts AS (SELECT stage, COUNT(*) AS total, SUM(state IN('succeeded','reused')) AS done FROM node WHERE run_id=?1 AND kind='partition' GROUP BY stage)
        SELECT n.stage, n.uses, n.state, COALESCE(w.tries,0), COALESCE(p.total,0), COALESCE(p.done,0), w.began, CASE WHEN w.busy>0 THEN NULL ELSE w.ended END,
          COALESCE(a.progress_num,0), COALESCE(a.progress_den,0), a.progress_unit, a.progress_msg,
          CASE WHEN n.state NOT IN('succeeded','reused') THEN (SELECT f.error_text FROM attempt f JOIN node m ON m.run_id=f.run_id AND m.node_id=f.node_id
            WHERE f.run_id=?1 AND m.stage=n.stage AND f.error_text IS NOT NULL ORDER BY f.started_us DESC LIMIT 1) END
        FROM node n LEFT JOIN work w ON w.stage=n.stage LEFT JOIN parts p ON p.stage=n.stage
          LEFT JOIN attempt a ON a.run_id=n.run_id AND a.node_id=n.node_id AND a.epoch=n.epoch AND a.state='running'
        WHERE n.run_id=?1 AND n.kind<>'partition' ORDER BY n.ordinal, n.node_id
        """, r => new StageRow(r.Text(0), r.Text(1), r.Text(2), r.Number(3), r.Number(4), r.Number(5), r.TimeOrNull(6), r.TimeOrNull(7), r.Number(8), r.Number(9), r.TextOrNull(10), r.TextOrNull(11),
            r.TextOrNull(12)), id);

    static List<(string, string)> Edges(LedgerConnection db, string id) => db.Query("""
        SELECT DISTINCT u.stage, n.stage FROM node_dep d JOIN node n ON n.run_id=d.run_id AND n.node_id=d.node_id JOIN node u ON u.run_id=d.run_id AND u.node_id=d.upstream_id
        WHERE d.run_id=?1 AND n.stage<>u.stage ORDER BY u.ordinal, n.ordinal
        """, r => (r.Text(0), r.Text(1)), id);

    static List<OutputRow> Outputs(LedgerConnection db, string id) => db.Query("""
        SELECT n.node_id, n.stage, e.slot, a.artifact_id, a.kind, a.logical_hash, a.rows, a.size, (SELECT COUNT(*) FROM artifact_member m WHERE m.artifact_id=a.artifact_id)
        FROM node n LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
          LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
          JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out' JOIN artifact a ON a.artifact_id=e.artifact_id
        WHERE n.run_id=?1 AND n.kind<>'partition' ORDER BY n.ordinal, e.slot
        """, r => new OutputRow(r.Text(0), r.Text(1), r.Text(2), RunQueries.Artifact(r, 3)), id);
}
