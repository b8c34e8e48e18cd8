using Workflow.Dashboard.Api.Shapes;
using Workflow.Jobs;
using Workflow.Schedules;

namespace Workflow.Dashboard.Api.Reads;

/// <summary>Rows of schedules to their shapes.</summary>
static class ScheduleItems
{
    /// <summary>A schedule.</summary>
    public static ScheduleItem Of(ScheduleSummary summary)
    {
        var row = summary.Row;
        return new ScheduleItem(row.Key, row.Job, row.State, row.Paused, row.Cron, row.Dataset, row.Zone, Policies.Text(row.Misfire), Policies.Text(row.Overlap), row.File, row.Sets, row.Next,
            summary.Last is null ? null : new ScheduleLast(summary.Last, summary.LastState, summary.LastStarted!.Value), summary.Missed, summary.Active,
            ScheduleQueries.Words(row), row.Jitter > TimeSpan.Zero ? Durations.Format(row.Jitter) : null, row.Priority,
            row.PausedReason is null ? null : row.PausedBy, row.PausedReason is null ? null : row.PausedAt, row.PausedReason is null ? null : row.PausedUntil);
    }

    /// <summary>What became of a fire time.</summary>
    public static TickItem Of(ScheduleTick tick) => new(tick.Kind, tick.Nominal, tick.Until, tick.Count, tick.Mark.Length > 0 ? tick.Mark : null, tick.Outcome, tick.RunId, tick.RunState, tick.Reason);

    /// <summary>A backfill.</summary>
    public static BackfillItem Of(BackfillRow backfill, long made, long open) =>
        new(backfill.Id, backfill.Key, backfill.From, backfill.To, backfill.Parallel, backfill.Total, made, open, backfill.Ended is not null);

    /// <summary>A time by the clock of a zone; empty for none.</summary>
    public static string Local(string zone, DateTimeOffset? time) => time is { } t ? ZoneClock.Of(zone).Local(t).ToString("yyyy-MM-dd HH:mm zzz") : "";
}
