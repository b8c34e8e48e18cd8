using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.RunPages;

/// <summary>Reads for the page of a run. Partitions are counted by the ledger's tallies: 100,000 of them cost as much as ten.</summary>
static class RunPageQueries
{
    const int FailuresPerStage = 5;

    /// <summary>The run, or null.</summary>
    public static RunPageModel? Run(LedgerConnection db, string id)
    {
        if (Head(db, id) is not { } head)
        {
            return null;
        }

        var stages = Stages(db, id);
        var earlier = ParameterQueries.Earlier(db, id);
        return head with
        {
            Stages = stages,
            Edges = Edges(db, id, stages),
            Outputs = Outputs(db, id),
            Cancel = head.CancelRequested is { } asked ? Cancel(db, head.Run, asked) : null,
            Failures = Failures(db, id, stages),
            Before = head.Run.Ended is null ? Before(db, head.Run) : head.Before,
            Earlier = earlier,
            Changes = earlier is null ? [] : ParameterQueries.Changes(db, earlier, id),
        };
    }

    /// <summary>The run without its stages, or null.</summary>
    public static RunPageModel? Head(LedgerConnection db, string id) => db.First("""
        SELECT r.run_id, r.pipeline, r.state, r.trigger_kind, r.requested_by, r.created_us, r.started_us, r.ended_us,
          (SELECT COALESCE(SUM(n), 0) FROM node_tally WHERE run_id=r.run_id AND (state='succeeded' OR state='reused')), (SELECT COALESCE(SUM(n), 0) FROM node_tally WHERE run_id=r.run_id AND state='reused'),
          (SELECT COALESCE(SUM(n), 0) FROM node_tally WHERE run_id=r.run_id), r.error_text, w.pid, w.pid_start, w.boot_id, w.host, w.ended_us,
          r.description, r.reason, r.cancel_requested_us, r.seed, r.threads, r.priority, r.resume_of, r.schedule_key, r.nominal_start_us
        FROM run r LEFT JOIN worker w ON w.worker_id=r.worker_id WHERE r.run_id=?1
        """, r =>
        {
            var state = r.Text(2);
            if (state == "running" && r.NumberOrNull(12) is { } pid && (r.NumberOrNull(16) is not null || ProcessIdentity.IsDead(r.Text(15), pid, r.Number(13), r.Text(14))))
            {
                state = "interrupted";
            }

            var run = new RunRow(r.Text(0), r.Text(1), state, r.Text(3), r.Text(4), LedgerTime.FromMicros(r.Number(5)), r.TimeOrNull(6), r.TimeOrNull(7), (int)r.Number(8), (int)r.Number(9), (int)r.Number(10), r.TextOrNull(11));
            return new RunPageModel(run, r.Text(17), r.TextOrNull(18), r.TimeOrNull(19), [], [], [])
            {
                Seed = r.Number(20),
                Threads = r.Number(21),
                Priority = r.Number(22),
                ResumeOf = r.TextOrNull(23),
                Schedule = r.TextOrNull(24),
                Nominal = r.TimeOrNull(25),
            };
        }, id);

    /// <summary>Stages of a run in the job's order.</summary>
    public static List<StageRow> Stages(LedgerConnection db, string id)
    {
        var partitions = db.Query("SELECT stage, state, n FROM node_tally WHERE run_id=?1 AND kind='partition' AND n>0", r => (Stage: r.Text(0), State: r.Text(1), Count: r.Number(2)), id)
            .GroupBy(t => t.Stage, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToDictionary(t => t.State, t => t.Count, StringComparer.Ordinal), StringComparer.Ordinal);
        return db.Query("""
            SELECT n.stage, n.uses, n.state, COALESCE(s.attempts, 0), s.began_us, CASE WHEN s.running>0 THEN NULL ELSE s.ended_us END,
              COALESCE(a.progress_num, 0), COALESCE(a.progress_den, 0), a.progress_unit, a.progress_msg,
              CASE WHEN n.state<>'succeeded' AND n.state<>'reused' THEN (SELECT e.error_text FROM attempt e WHERE e.attempt_id=s.error_attempt) END,
              COALESCE(s.failed, 0), n.ended_us, a.started_us, a.resumed_ckpt
            FROM node n LEFT JOIN stage_span s ON s.run_id=n.run_id AND s.stage=n.stage
              LEFT JOIN attempt a ON a.run_id=n.run_id AND a.node_id=n.node_id AND a.epoch=n.epoch AND a.state='running'
            WHERE n.run_id=?1 AND n.kind<>'partition' ORDER BY n.ordinal, n.node_id
            """, r =>
            {
                var states = partitions.GetValueOrDefault(r.Text(0)) ?? [];
                return new StageRow(r.Text(0), r.Text(1), r.Text(2), r.Number(3), states.Values.Sum(), states.GetValueOrDefault("succeeded") + states.GetValueOrDefault("reused"), r.TimeOrNull(4), r.TimeOrNull(5),
                    r.Number(6), r.Number(7), r.TextOrNull(8), r.TextOrNull(9), r.TextOrNull(10))
                {
                    PartitionStates = states,
                    Failures = r.Number(11),
                    NodeEnded = r.TimeOrNull(12),
                    AttemptStarted = r.TimeOrNull(13),
                    ResumedStep = r.NumberOrNull(14),
                };
            }, id);
    }

    // Partitions of a stage all wait for the same stages: the first of them speaks for all.
    static List<(string, string)> Edges(LedgerConnection db, string id, List<StageRow> stages)
    {
        var edges = new List<(string, string)>();
        foreach (var stage in stages)
        {
            var first = stage.Partitions == 0 ? null : db.Text("SELECT node_id FROM node WHERE run_id=?1 AND node_id>?2 AND node_id<?3 ORDER BY node_id LIMIT 1", id, stage.Name + "/", stage.Name + "0");
            foreach (var node in first is null ? [stage.Name] : new[] { first, stage.Name })
            {
                edges.AddRange(db.Query("SELECT upstream_id FROM node_dep WHERE run_id=?1 AND node_id=?2 LIMIT 100", r => r.Text(0), id, node).Select(u => (u.Split('/')[0], stage.Name)).Where(e => e.Item1 != e.Name));
            }
        }

        return edges.Distinct().ToList();
    }

    static List<OutputRow> Outputs(LedgerConnection db, string id) => db.Query("""
        SELECT n.node_id, n.stage, e.slot, a.artifact_id, a.kind, a.logical_hash, a.rows, a.size, (SELECT COUNT(*) FROM artifact_member m WHERE m.artifact_id=a.artifact_id)
        FROM node n LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused'
          LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.committed_epoch AND n.state='succeeded'
          JOIN edge e ON e.attempt_id=COALESCE(u.attempt_id, t.attempt_id) AND e.dir='out' JOIN artifact a ON a.artifact_id=e.artifact_id
        WHERE n.run_id=?1 AND n.kind<>'partition' ORDER BY n.ordinal, e.slot
        """, r => new OutputRow(r.Text(0), r.Text(1), r.Text(2), RunQueries.Artifact(r, 3)), id);

    static CancelStory Cancel(LedgerConnection db, RunRow run, DateTimeOffset asked)
    {
        var (by, reason) = db.First("SELECT actor, reason FROM audit WHERE target=?1 AND +action='cancel' ORDER BY seq DESC LIMIT 1", r => (r.TextOrNull(0), r.TextOrNull(1)), run.RunId);

        // The newest events of the run tell how it stopped; before them there is nothing of it.
        var first = db.First("""
            SELECT MIN(ts_us) FROM (SELECT ts_us, type FROM event WHERE run_id=?1 ORDER BY seq DESC LIMIT 2000) WHERE ts_us>=?2 AND (type='node.cancelled' OR type='run.ended')
            """, r => r.TimeOrNull(0), run.RunId, asked.Micros());
        return new CancelStory(asked, by, reason, first, run.Ended);
    }

    static List<FailureRow> Failures(LedgerConnection db, string id, List<StageRow> stages)
    {
        const string Columns = "SELECT n.node_id, n.state, t.epoch, COALESCE(t.exit_kind, t.state), t.error_class, t.error_type, t.error_text, t.ended_us FROM node n JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.epoch AND t.error_text IS NOT NULL";
        var rows = db.Query($"{Columns} WHERE n.run_id=?1 AND n.kind<>'partition' AND (n.state='failed' OR n.state='retry_wait' OR n.state='cancelled') ORDER BY n.ordinal, n.node_id", Failure, id);
        foreach (var stage in stages)
        {
            foreach (var state in new[] { "failed", "retry_wait" }.Where(stage.PartitionStates.ContainsKey))
            {
                rows.AddRange(db.Query($"{Columns} WHERE n.run_id=?1 AND n.stage=?2 AND n.kind='partition' AND n.state=?3 ORDER BY n.node_id LIMIT ?4", Failure, id, stage.Name, state, FailuresPerStage));
            }
        }

        return rows;

        static FailureRow Failure(Row r) => new(r.Text(0), r.Text(1), r.Number(2), r.Text(3), r.TextOrNull(4), r.TextOrNull(5), r.Text(6), r.TimeOrNull(7));
    }

    static Dictionary<string, TimeSpan> Before(LedgerConnection db, RunRow run)
    {
        var last = db.First("""
            SELECT run_id FROM (SELECT run_id, state, created_us FROM run WHERE pipeline=?1 AND created_us<?2 ORDER BY created_us DESC LIMIT 50) WHERE state='succeeded' ORDER BY created_us DESC LIMIT 1
            """, r => r.Text(0), run.Job, run.Created.Micros());
        return last is null ? [] : db.Query("SELECT stage, began_us, ended_us FROM stage_span WHERE run_id=?1 AND began_us IS NOT NULL AND ended_us IS NOT NULL",
            r => (Stage: r.Text(0), Took: LedgerTime.FromMicros(r.Number(2)) - LedgerTime.FromMicros(r.Number(1))), last).ToDictionary(s => s.Stage, s => s.Took, StringComparer.Ordinal);
    }
}
