using Workflow.Ledger;

namespace Workflow.Dashboard.RunPages;

/// <summary>The states that a node was in, told from its attempts and what history says of it.</summary>
static class StateHistory
{
    const int MostAttempts = 50;

    /// <summary>Cards, newest first.</summary>
    public static List<StateCard> Read(LedgerConnection db, NodePageModel node)
    {
        var cards = new List<StateCard> { new("waiting", node.Run.Created, null, []) { Reason = Waits(node) } };
        if (Ready(db, node) is { } ready)
        {
            cards.Add(new StateCard("ready", ready, null, [("Queue", node.Queue)]) { Reason = "All that it reads is there." });
        }

        foreach (var (type, at, payload) in db.Query("""
            SELECT type, ts_us, payload FROM (SELECT seq, type, ts_us, payload FROM event WHERE run_id=?1 AND node_id=?2 ORDER BY seq DESC LIMIT 1000) WHERE type='node.reused' OR type='node.reset' OR type='node.skipped'
            """, r => (r.Text(0), LedgerTime.FromMicros(r.Number(1)), r.TextOrNull(2)), node.Run.RunId, node.NodeId))
        {
            cards.Add(type == "node.reset"
                ? new StateCard("waiting", at, null, []) { Reason = "Its files were gone or damaged: it is computed again." }
                : new StateCard(type["node.".Length..], at, null, node.ReusedFromRun is { } from && type == "node.reused" ? [("From run", Format.Short(from))] : []) { Reason = type == "node.reused" ? "An earlier result with the same key was taken." : "" });
        }

        Attempts(db, node, cards);
        if (node.State is "reused" or "skipped" or "cancelled" && !cards.Exists(c => c.State == node.State) && node.Ended is { } ended)
        {
            cards.Add(new StateCard(node.State, ended, null, []) { Reason = node.State == "skipped" ? "Something that it needs failed." : "" });
        }

        cards.Sort((a, b) => a.At.CompareTo(b.At));
        for (var i = 0; i + 1 < cards.Count; i++)
        {
            cards[i] = cards[i] with { Lasted = cards[i + 1].At - cards[i].At };
        }

        cards.Reverse();
        return cards;
    }

    static void Attempts(LedgerConnection db, NodePageModel node, List<StateCard> cards)
    {
        var attempts = db.Query("""
            SELECT t.epoch, t.state, t.started_us, t.ended_us, t.exit_kind, t.error_type, t.error_text, t.error_class, t.resumed_ckpt, t.pid, w.role, COALESCE(t.host, w.host)
            FROM attempt t JOIN worker w ON w.worker_id=t.worker_id WHERE t.run_id=?1 AND t.node_id=?2 ORDER BY t.epoch DESC LIMIT ?3
            """, r => (Epoch: r.Number(0), State: r.Text(1), From: LedgerTime.FromMicros(r.Number(2)), To: r.TimeOrNull(3), Exit: r.TextOrNull(4), Type: r.TextOrNull(5), Error: r.TextOrNull(6), Class: r.TextOrNull(7), Resumed: r.NumberOrNull(8),
                Worker: $"{r.Text(10)} on {r.TextOrNull(11) ?? "?"}{(r.NumberOrNull(9) is { } pid ? $", process {pid}" : "")}"), node.Run.RunId, node.NodeId, MostAttempts);
        var before = cards.Max(c => c.At);
        foreach (var attempt in Enumerable.Reverse(attempts))
        {
            var latency = attempt.From > before ? attempt.From - before : TimeSpan.Zero;
            cards.Add(new StateCard("running", attempt.From, null, [("Worker", attempt.Worker), ("Latency", Format.Duration(latency)), .. attempt.Resumed is { } step ? new[] { ("Resumed from step", Format.Count(step)) } : []])
            {
                Epoch = attempt.Epoch,
                Reason = $"Attempt {attempt.Epoch}.",
            });
            if (attempt.To is { } ended)
            {
                before = ended;
                var last = attempt.Epoch == node.Epoch;
                var state = attempt.State switch
                {
                    "committed" or "superseded" => "succeeded",
                    "failed" or "timed_out" => !last || node.State is "retry_wait" or "ready" or "running" ? "retry_wait" : "failed",
                    _ => attempt.State,
                };
                cards.Add(new StateCard(state, ended, null,
                    [("Duration", Format.Duration(ended - attempt.From)), .. state == "succeeded" ? new[] { ("Latency", Format.Duration(latency)) } : [], .. state == "retry_wait" && last && node.Eligible is { } next ? new[] { ("Retry at", $"{Format.Time(next)} UTC") } : [],
                        .. attempt.Class is { } fault ? new[] { ("Class", fault) } : []])
                {
                    Epoch = attempt.Epoch,
                    Reason = attempt.State switch
                    {
                        "committed" => "What it made was committed.",
                        "superseded" => "Committed; its files were lost later and it was computed again.",
                        "lost" => "Its process went away; no try is spent.",
                        "fenced" => "The node was given to another attempt: what this one wrote was refused.",
                        "timed_out" => attempt.Exit == "stalled" ? "It said nothing for too long." : "It took longer than it may.",
                        "cancelled" => "On request.",
                        _ => attempt.Exit is null ? "" : $"Ended with {attempt.Exit}.",
                    },
                    ErrorType = attempt.Error is null ? null : attempt.Type,
                    Error = attempt.Error,
                });
            }
        }
    }

    // What it waits for ended: nothing else held it up. A stage's own partitions are counted by their span.
    static DateTimeOffset? Ready(LedgerConnection db, NodePageModel node)
    {
        if (node.Kind == "gather")
        {
            return node.State is "waiting" ? null : db.First("SELECT ended_us FROM stage_span WHERE run_id=?1 AND stage=?2", r => r.TimeOrNull(0), node.Run.RunId, node.Stage) is { } ended && node.Attempts.All(a => a.Started >= ended) ? ended : null;
        }

        var (waits, last) = db.First("SELECT SUM(u.ended_us IS NULL), MAX(u.ended_us) FROM (SELECT upstream_id FROM node_dep WHERE run_id=?1 AND node_id=?2 LIMIT 200) d JOIN node u ON u.run_id=?1 AND u.node_id=d.upstream_id",
            r => (r.NumberOrNull(0), r.TimeOrNull(1)), node.Run.RunId, node.NodeId);
        return waits > 0 || node.State == "waiting" ? null : last ?? node.Run.Created;
    }

    static string Waits(NodePageModel node) => (node.Upstream.Count, node.Partitions) switch
    {
        (0, 0) => "For nothing: it reads no other stage.",
        (0, _) => "For its partitions.",
        (_, 0) => $"For {Names(node.Upstream)}.",
        _ => $"For {Names(node.Upstream)}, then for its partitions.",
    };

    static string Names(IReadOnlyList<NeighbourRow> nodes) => string.Join(", ", nodes.Take(4).Select(n => n.NodeId)) + (nodes.Count > 4 ? " and others" : "");
}
