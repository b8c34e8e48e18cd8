using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Nodes: by what they wait for or how they ended over all runs, and those of one run.</summary>
static class NodeLists
{
    const string Columns = """
        SELECT n.run_id, r.pipeline, n.node_id, n.stage, n.uses, n.kind, n.state, n.slot_class, n.epoch, n.tries, n.max_tries,
          CASE WHEN n.state='retry_wait' THEN n.eligible_us END, t.started_us, n.ended_us, t.error_text
        """;

    const string Joins = "JOIN run r ON r.run_id=n.run_id LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=n.epoch";

    /// <summary>Names of the lists, as Hangfire's users know them.</summary>
    public static IReadOnlyList<string> States { get; } = ["enqueued", "processing", "retries", "succeeded", "failed", "deleted", "awaiting"];

    /// <summary>What a row's place in each list is made of: 'n' number, 't' text.</summary>
    public static string CursorTypes(string state) => state switch
    {
        "enqueued" => "nntt",
        "processing" => "t",
        "awaiting" => "tt",
        _ => "ntt",
    };

    /// <summary>A page of a list over all runs.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="state">One of <see cref="States"/>.</param>
    /// <param name="queue">Of one queue, or null; enqueued ones are by queue, cpu where none is given.</param>
    /// <param name="after">Place of the row before the first; null for the list's start.</param>
    /// <param name="limit">Rows at most.</param>
    public static (List<NodeItem> Rows, object[]? Next) Page(LedgerConnection db, string state, string? queue, object[]? after, int limit)
    {
        var (from, where, behind, order, place) = state switch
        {
            "enqueued" => ("node n", "n.state='ready' AND n.slot_class=COALESCE(?6, 'cpu')", "(n.rank_us, n.ordinal, n.node_id, n.run_id) > (?1, ?2, ?3, ?4)", "n.rank_us, n.ordinal, n.node_id, n.run_id", "n.rank_us, n.ordinal, n.node_id, n.run_id"),
            "processing" => ("attempt q JOIN node n ON n.run_id=q.run_id AND n.node_id=q.node_id", "q.state='running' AND n.state='running' AND n.epoch=q.epoch", "q.attempt_id < ?1", "q.attempt_id DESC", "q.attempt_id"),
            "retries" => ("node n", "n.state='retry_wait'", "(n.eligible_us, n.run_id, n.node_id) > (?1, ?2, ?3)", "n.eligible_us, n.run_id, n.node_id", "n.eligible_us, n.run_id, n.node_id"),
            "awaiting" => ("node n", "n.state='waiting'", "(n.run_id < ?1 OR (n.run_id = ?1 AND n.node_id > ?2))", "n.run_id DESC, n.node_id", "n.run_id, n.node_id"),
            _ => ("", "", "", "", ""),
        };
        if (from.Length == 0)
        {
            return Ended(db, state switch { "succeeded" => ["succeeded", "reused"], "failed" => ["failed"], _ => ["cancelled", "skipped"] }, queue, after, limit);
        }

        var filter = queue is null || state == "enqueued" ? "" : " AND n.slot_class=?6";
        var rows = db.Query($"{Columns}, {place} FROM {from} {Joins} WHERE {where}{filter}{(after is null ? "" : $" AND {behind}")} ORDER BY {order} LIMIT ?5", r => (Item: Item(r), Place: Place(r, CursorTypes(state))),
            At(after, 0), At(after, 1), At(after, 2), At(after, 3), limit + 1, queue);
        return ([.. rows.Take(limit).Select(r => r.Item)], rows.Count > limit ? rows[limit - 1].Place : null);
    }

    /// <summary>A page of a run's nodes, by name.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="run">Full id.</param>
    /// <param name="stage">Of one stage, or null.</param>
    /// <param name="state">In one state of a node, or null.</param>
    /// <param name="after">Name of the node before the first; null for the list's start.</param>
    /// <param name="limit">Rows at most.</param>
    public static List<NodeItem> OfRun(LedgerConnection db, string run, string? stage, string? state, string? after, int limit)
    {
        // A stage's own node and its partitions stand together in the order of names: 'mine', then 'mine/00000' up to 'mine/~'; '0' follows '/'.
        var conditions = (stage is null ? "" : " AND n.node_id>=?2 AND n.node_id<?2||'0' AND n.stage=?2") + (state is null ? "" : " AND n.state=?3") + (after is null ? "" : " AND n.node_id>?4");
        return db.Query($"{Columns} FROM node n {Joins} WHERE n.run_id=?1{conditions} ORDER BY n.node_id LIMIT ?5", Item, run, stage, state, after, limit);
    }

    /// <summary>A node with its attempts; null where there is none.</summary>
    public static NodeView? One(LedgerConnection db, string run, string node)
    {
        if (db.First($"{Columns} FROM node n {Joins} WHERE n.run_id=?1 AND n.node_id=?2", Item, run, node) is not { } item)
        {
            return null;
        }

        var attempts = db.Query("""
            SELECT attempt_id, epoch, state, worker_id, started_us, ended_us, progress_num, progress_den, progress_unit, progress_msg, resumed_ckpt, exit_kind, error_text
            FROM attempt WHERE run_id=?1 AND node_id=?2 ORDER BY epoch DESC LIMIT 100
            """, r => new AttemptItem(r.Text(0), r.Number(1), r.Text(2), r.Text(3), LedgerTime.FromMicros(r.Number(4)), r.TimeOrNull(5), r.NumberOrNull(6) ?? 0, r.NumberOrNull(7) ?? 0, r.TextOrNull(8), r.TextOrNull(9),
                r.NumberOrNull(10), r.TextOrNull(11), r.TextOrNull(12)), run, node);
        var (shown, reused) = db.First("""
            SELECT COALESCE(u.attempt_id, t.attempt_id), o.run_id FROM node n
            LEFT JOIN node_reuse u ON u.run_id=n.run_id AND u.node_id=n.node_id AND n.state='reused' LEFT JOIN attempt o ON o.attempt_id=u.attempt_id
            LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=COALESCE(n.committed_epoch, n.epoch) WHERE n.run_id=?1 AND n.node_id=?2
            """, r => (r.TextOrNull(0), r.TextOrNull(1)), run, node);
        return new NodeView(item, attempts, Slots(db, shown, "in"), Slots(db, shown, "out"), reused);
    }

    /// <summary>Those that ended, newest first: each state is in the order of an index, and pages of several are merged.</summary>
    static (List<NodeItem> Rows, object[]? Next) Ended(LedgerConnection db, string[] states, string? queue, object[]? after, int limit)
    {
        var behind = after is null ? "" : " AND (n.ended_us < ?2 OR (n.ended_us=?2 AND (n.run_id, n.node_id) > (?3, ?4)))" + " AND n.ended_us<=?2";
        var rows = states.SelectMany(state => db.Query(
            $"{Columns}, n.ended_us, n.run_id, n.node_id FROM node n {Joins} WHERE n.state=?1 AND n.ended_us IS NOT NULL{(queue is null ? "" : " AND n.slot_class=?6")}{behind} ORDER BY n.ended_us DESC, n.run_id, n.node_id LIMIT ?5",
            r => (Item: Item(r), Place: Place(r, "ntt")), state, At(after, 0), At(after, 1), At(after, 2), limit + 1, queue))
            .OrderByDescending(r => (long)r.Place[0]).ThenBy(r => (string)r.Place[1], StringComparer.Ordinal).ThenBy(r => (string)r.Place[2], StringComparer.Ordinal).Take(limit + 1).ToList();
        return ([.. rows.Take(limit).Select(r => r.Item)], rows.Count > limit ? rows[limit - 1].Place : null);
    }

    static List<NodeSlot> Slots(LedgerConnection db, string? attempt, string direction) => attempt is null ? [] : db.Query(
        "SELECT e.slot, a.artifact_id, a.kind, a.rows, a.size FROM edge e JOIN artifact a USING(artifact_id) WHERE e.attempt_id=?1 AND e.dir=?2 ORDER BY e.slot, e.ordinal LIMIT 1000",
        r => new NodeSlot(r.Text(0), r.Text(1), r.Text(2), r.NumberOrNull(3), r.Number(4)), attempt, direction);

    static object? At(object[]? after, int i) => after is not null && i < after.Length ? after[i] : null;

    static object[] Place(Row r, string types) => [.. types.Select((type, i) => type == 'n' ? r.Number(15 + i) : (object)r.Text(15 + i))];

    static NodeItem Item(Row r) => new(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5), r.Text(6), r.Text(7), r.Number(8), r.Number(9), r.Number(10),
        r.TimeOrNull(11), r.TimeOrNull(12), r.TimeOrNull(13), r.TextOrNull(14));
}
