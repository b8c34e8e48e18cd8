using Workflow.Ledger;

namespace Workflow.Schedules;

/// <summary>A backfill: one run per nominal time of a schedule in a range of the past.</summary>
/// <param name="Id">Its id; its runs carry it.</param>
/// <param name="Key">The schedule.</param>
/// <param name="From">First instant.</param>
/// <param name="To">First instant after it.</param>
/// <param name="Parallel">Runs that may be unfinished at a time.</param>
/// <param name="Total">Nominal times in the range.</param>
/// <param name="Cursor">The last nominal time handled, or just before the range.</param>
/// <param name="Actor">Who asked.</param>
/// <param name="Reason">Why, or null.</param>
/// <param name="Created">When.</param>
/// <param name="Ended">When the last nominal time was handled; null before.</param>
public sealed record BackfillRow(string Id, string Key, DateTimeOffset From, DateTimeOffset To, int Parallel, int Total, DateTimeOffset Cursor, string Actor, string? Reason, DateTimeOffset Created, DateTimeOffset? Ended)
{
    internal const string Columns = "backfill_id, schedule_key, from_us, to_us, parallel, total, cursor_us, actor, reason, created_us, ended_us";

    internal static BackfillRow Map(Row r) => new(r.Text(0), r.Text(1), LedgerTime.FromMicros(r.Number(2)), LedgerTime.FromMicros(r.Number(3)), (int)r.Number(4), (int)r.Number(5),
        LedgerTime.FromMicros(r.Number(6)), r.Text(7), r.TextOrNull(8), LedgerTime.FromMicros(r.Number(9)), r.TimeOrNull(10));

    /// <summary>The nominal times of a schedule from an instant on and before another, whatever its start and end.</summary>
    internal static IEnumerable<DateTimeOffset> Times(ScheduleRow row, DateTimeOffset from, DateTimeOffset to) =>
        new FireTimes(CronExpression.Parse(row.Cron!), ZoneClock.Of(row.Zone)).After(from.AddTicks(-1)).TakeWhile(t => t < to);
}
