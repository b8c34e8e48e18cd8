using System.Text.Json;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.StatePages;

/// <summary>A page of a list of jobs.</summary>
/// <param name="Rows">Its rows.</param>
/// <param name="Next">Cursor of the next page; null at the end.</param>
/// <param name="Looked">Rows a filter looked at without filling the page; 0 where it is filled, or all were looked at.</param>
public sealed record JobPage(IReadOnlyList<JobRow> Rows, string? Next, long Looked);

/// <summary>Reads of lists of jobs. A filter is tried on stretches of the list's index, and on so many rows at most: a filter that nothing fits costs no more than one that all do.</summary>
static class JobQueries
{
    /// <summary>Rows that one page of a filtered list looks at.</summary>
    public const int MostLooked = 10_000;

    const int Stretch = 1_000;

    const string Nodes = "FROM json_each(?1) j CROSS JOIN node n ON n.rowid=j.value";
    const string Runs = " CROSS JOIN run r ON r.run_id=n.run_id";
    const string Attempts = " LEFT JOIN attempt a ON a.run_id=n.run_id AND a.node_id=n.node_id AND a.epoch=COALESCE(n.committed_epoch, n.epoch) AND n.state<>'reused'";
    const string From = Nodes + Runs + Attempts;

    /// <summary>A page of a list.</summary>
    public static JobPage Page(LedgerConnection db, JobList list, JobFilter filter, Paging paging, DateTimeOffset now)
    {
        var after = Cursor.Read(paging.After, JobKeys.Types(list.Order));
        var before = filter.Age is { } age ? (now - age).Micros() : long.MaxValue;
        var filtered = !(filter with { Queue = list.Order is JobOrder.Queue or JobOrder.Running ? "" : filter.Queue, Older = list.Order == JobOrder.Ended ? "" : filter.Older }).IsEmpty;
        var found = new List<JobKey>();
        long looked = 0;
        while (true)
        {
            var keys = JobKeys.Read(db, list, filter.Queue, after, before, filtered ? Stretch : paging.Size + 1);
            looked += keys.Count;
            found.AddRange(filtered ? Fitting(db, keys, filter, before) : keys);
            var end = keys.Count < (filtered ? Stretch : paging.Size + 1);
            if (found.Count > paging.Size)
            {
                found.RemoveRange(paging.Size, found.Count - paging.Size);
                return new JobPage(Rows(db, list, found), Cursor.Of(found[^1].Place), 0);
            }

            if (end || !filtered)
            {
                return new JobPage(Rows(db, list, found), null, 0);
            }

            after = keys[^1].Place;
            if (looked >= MostLooked)
            {
                return new JobPage(Rows(db, list, found), Cursor.Of(after), looked);
            }
        }
    }

    /// <summary>How many of a list ended after a time, up to a thousand.</summary>
    public static long EndedSince(LedgerConnection db, JobList list, long since) => list.States.Sum(s =>
        db.Number($"SELECT COUNT(*) FROM (SELECT 1 FROM node WHERE state='{s}' AND ended_us IS NOT NULL AND ended_us>?1 LIMIT 1000)", since));

    static IEnumerable<JobKey> Fitting(LedgerConnection db, List<JobKey> keys, JobFilter filter, long before)
    {
        // Only what the filter asks for is looked up: a row more costs as much as the row itself.
        var sql = $"SELECT n.rowid {Nodes}{(filter.Job.Length > 0 || before < long.MaxValue ? Runs : "")}{(filter.Error.Length + filter.Type.Length > 0 ? Attempts : "")} WHERE (?3='' OR n.stage=?3) AND (?4='' OR n.slot_class=?4)"
            + (filter.Job.Length > 0 ? " AND r.pipeline=?2" : "") + (filter.Error.Length > 0 ? " AND instr(lower(a.error_text), lower(?5))>0" : "") + (filter.Type.Length > 0 ? " AND a.error_type=?6" : "")
            + (before < long.MaxValue ? " AND COALESCE(n.ended_us, r.created_us)<?7" : "");
        var fits = db.Query(sql, r => r.Number(0), Ids(keys), filter.Job, filter.Stage, filter.Queue, filter.Error, filter.Type, before).ToHashSet();
        return keys.Where(k => fits.Contains(k.Id));
    }

    static List<JobRow> Rows(LedgerConnection db, JobList list, List<JobKey> keys)
    {
        if (keys.Count == 0)
        {
            return [];
        }

        // The whole of an error stands on the node's page; a page of thousands shows its beginning.
        var longest = keys.Count > 100 ? 400 : 6_000;
        var since = list.Key is "succeeded" or "enqueued" ? Since : "NULL";
        var parents = list.Order == JobOrder.Waiting ? Parents : "NULL";
        var why = list.Key == "deleted" ? Why : "NULL";
        var rows = db.Query($"""
            SELECT n.rowid, n.run_id, n.node_id, n.uses, n.kind, r.pipeline, n.state, n.slot_class, r.created_us, n.tries, n.max_tries, n.waits, n.eligible_us, n.ended_us,
              a.attempt_id, a.epoch, a.started_us, a.ended_us, a.seen_us, w.role, w.host, w.pid, w.pid_start, w.boot_id, w.ended_us,
              a.progress_num, a.progress_den, a.resumed_ckpt, a.progress_unit, a.progress_msg, a.error_type, a.exit_kind, substr(a.error_text, 1, {longest}), {since}, {parents}, {why}
            {From} LEFT JOIN worker w ON w.worker_id=a.worker_id
            """, Map, Ids(keys)).ToDictionary(r => r.Id);
        return keys.Where(k => rows.ContainsKey(k.Id)).Select(k => rows[k.Id]).ToList();
    }

    // A gathering node waits for its partitions, which may be many: when the last of their attempts ended is kept.
    const string Since = """
        max(r.created_us, COALESCE(CASE WHEN n.kind='gather' THEN (SELECT s.ended_us FROM stage_span s WHERE s.run_id=n.run_id AND s.stage=n.stage)
          ELSE (SELECT MAX(u.ended_us) FROM node_dep d JOIN node u ON u.run_id=d.run_id AND u.node_id=d.upstream_id WHERE d.run_id=n.run_id AND d.node_id=n.node_id) END, 0),
          CASE WHEN n.state='ready' THEN max(n.eligible_us, COALESCE(a.ended_us, 0)) ELSE 0 END)
        """;

    const string Parents = """
        CASE WHEN n.kind<>'gather' THEN (SELECT group_concat(p.upstream_id||char(9)||p.state, char(10)) FROM (SELECT d.upstream_id, u.state FROM node_dep d JOIN node u ON u.run_id=d.run_id AND u.node_id=d.upstream_id
          WHERE d.run_id=n.run_id AND d.node_id=n.node_id AND u.state<>'succeeded' AND u.state<>'reused' LIMIT 4) p) END
        """;

    const string Why = """
        COALESCE((SELECT u.actor||char(9)||COALESCE(u.reason, '') FROM audit u WHERE u.target=n.run_id||'/'||n.node_id AND u.action='node.delete' ORDER BY u.seq DESC LIMIT 1),
          CASE WHEN n.state='cancelled' THEN (SELECT u.actor||char(9)||COALESCE(u.reason, '') FROM audit u WHERE u.target=n.run_id AND u.action='cancel' ORDER BY u.seq DESC LIMIT 1) END)
        """;

    static string Ids(List<JobKey> keys) => JsonSerializer.Serialize(keys.Select(k => k.Id));

    static JobRow Map(Row r) => new()
    {
        Id = r.Number(0),
        Run = r.Text(1),
        Node = r.Text(2),
        Uses = r.Text(3),
        Kind = r.Text(4),
        Job = r.Text(5),
        State = r.Text(6),
        Queue = r.Text(7),
        Created = LedgerTime.FromMicros(r.Number(8)),
        Tries = (r.Number(9), r.Number(10)),
        Waits = r.Number(11),
        Eligible = r.Number(12) > 0 ? r.TimeOrNull(12) : null,
        Ended = r.TimeOrNull(13),
        Attempt = r.TextOrNull(14) is { } attempt ? Attempt(r, attempt) : null,
        Since = r.TimeOrNull(33),
        Parents = [.. (r.TextOrNull(34) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('\t')).Select(p => (p[0], p[1]))],
        Why = r.TextOrNull(35) is { } why ? why.Split('\t') is [var who, { Length: > 0 } reason] ? $"{who}: {reason}" : why.Split('\t')[0] : null,
    };

    static JobAttempt Attempt(Row r, string id)
    {
        var (host, pid) = (r.TextOrNull(20) ?? "", r.NumberOrNull(21) ?? 0);
        var dead = r.Text(6) == "running" && (r.NumberOrNull(24) is not null || (r.NumberOrNull(22) is { } start && ProcessIdentity.IsDead(host, pid, start, r.TextOrNull(23) ?? "")));
        return new JobAttempt(id, r.Number(15), LedgerTime.FromMicros(r.Number(16)), r.TimeOrNull(17), r.TimeOrNull(18), $"{r.TextOrNull(19)} {host}:{pid}", dead,
            r.NumberOrNull(25) ?? 0, r.NumberOrNull(26) ?? 0, r.NumberOrNull(27) ?? 0, r.TextOrNull(28), r.TextOrNull(29), r.TextOrNull(30), r.TextOrNull(31), r.TextOrNull(32));
    }
}
