using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Which runs.</summary>
/// <param name="State">Only in this state; null for all.</param>
/// <param name="Job">Only of this job; null for all.</param>
/// <param name="Trigger">Only by this trigger; null for all.</param>
/// <param name="By">Only those this actor asked for; null for all.</param>
/// <param name="Schedule">Only of this schedule; null for all.</param>
sealed record RunQuery(string? State, string? Job, string? Trigger, string? By, string? Schedule);

/// <summary>Lists of runs, newest first, each page read from an index behind the last row of the one before.</summary>
static class RunLists
{
    /// <summary>A page.</summary>
    /// <param name="db">A connection.</param>
    /// <param name="query">Which runs.</param>
    /// <param name="after">Creation time and id of the row before the first; null for the list's start.</param>
    /// <param name="limit">Rows at most.</param>
    /// <returns>The rows, and where the next page begins; null at the end.</returns>
    public static (List<RunItem> Rows, (long Created, string Run)? Next) Page(LedgerConnection db, RunQuery query, (long Created, string Run)? after, int limit)
    {
        // Only the conditions that are asked for, so that each combination finds its index.
        var where = new List<string>();
        var stored = query.State is "running" or "interrupted" ? "live" : query.State;
        Add("r.state=?1", stored is not (null or "live"));
        Add("(r.state='running' OR r.state='interrupted')", stored == "live");
        Add("r.pipeline=?2", query.Job is not null);
        Add("r.trigger_kind=?3", query.Trigger is not null);
        Add("r.requested_by=?4", query.By is not null);
        Add("r.schedule_key=?5 AND r.schedule_key IS NOT NULL", query.Schedule is not null);
        Add("(r.created_us, r.run_id) < (?6, ?7)", after is not null);
        var condition = where.Count == 0 ? "" : $"WHERE {string.Join(" AND ", where)}";
        var rows = db.Query($"{RunQueries.RunColumns} {condition} ORDER BY r.created_us DESC, r.run_id DESC LIMIT ?8", RunQueries.Run,
            stored, query.Job, query.Trigger, query.By, query.Schedule, after?.Created, after?.Run, limit + 1);
        var shown = rows.Take(limit).ToList();

        // Whether a run's executor lives is not in the table: such a page may be shorter than asked for, and still go on.
        return ([.. shown.Where(r => stored != "live" || r.State == query.State).Select(RunItems.Of)], rows.Count > limit ? (shown[^1].Created.Micros(), shown[^1].RunId) : null);

        void Add(string condition, bool wanted)
        {
            if (wanted)
            {
                where.Add(condition);
            }
        }
    }
}
