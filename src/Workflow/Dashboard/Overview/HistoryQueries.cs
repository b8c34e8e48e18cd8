using Workflow.Ledger;
using Workflow.Reports.Svg;

namespace Workflow.Dashboard.Overview;

/// <summary>What ended, over time: hour by hour from the tally that is kept, second by second from the index of what ended last.</summary>
static class HistoryQueries
{
    /// <summary>Seconds of the real-time graph.</summary>
    public const int Seconds = 120;

    const long Second = 1_000_000;
    const long Hour = 3_600 * Second;
    const int Most = 20_000;

    /// <summary>Parts of both graphs.</summary>
    public static readonly IReadOnlyList<(string Name, string Look)> Parts = [("succeeded", "good"), ("failed", "bad"), ("deleted", "idle")];

    static readonly string[][] States = [["succeeded", "reused"], ["failed"], ["cancelled", "skipped"]];

    /// <summary>The graph of the last 24 hours, or of the last seven days, each an hour a column.</summary>
    public static ColumnChart Hours(LedgerConnection db, DateTimeOffset now, bool week)
    {
        var hours = week ? 7 * 24 : 24;
        var last = now.Micros() / Hour * Hour;
        var first = last - ((hours - 1) * Hour);
        var counts = db.Query("SELECT hour_us, outcome, n FROM hour_tally WHERE hour_us>=?1 ORDER BY hour_us", r => (Hour: r.Number(0), Outcome: r.Text(1), Count: r.Number(2)), first).ToLookup(r => (r.Hour, r.Outcome), r => r.Count);
        return new ColumnChart("history", week ? "What ended in the last seven days, hour by hour" : "What ended in the last 24 hours, hour by hour", Parts, [.. Enumerable.Range(0, hours).Select(i =>
        {
            var hour = first + (i * Hour);
            var time = LedgerTime.FromMicros(hour).UtcDateTime;
            var tick = week ? (time.Hour == 0 ? time.ToString("ddd d") : "") : time.Hour % 4 == 0 ? time.ToString("HH:mm") : "";
            return new Column($"{time:ddd d MMM HH:mm} UTC", tick, [.. Parts.Select(p => counts[(hour, p.Name)].Sum())]);
        })]);
    }

    /// <summary>What ended in each of the last seconds but the one that goes on, oldest first.</summary>
    public static List<long[]> Recent(LedgerConnection db, DateTimeOffset now)
    {
        var end = now.Micros() / Second;
        var points = Enumerable.Range(0, Seconds).Select(i => new long[] { end - Seconds + i, 0, 0, 0 }).ToList();
        for (var part = 0; part < States.Length; part++)
        {
            foreach (var state in States[part])
            {
                foreach (var (second, count) in db.Query($"""
                    SELECT at, COUNT(*) FROM (SELECT ended_us/1000000 AS at FROM node WHERE state='{state}' AND ended_us IS NOT NULL AND ended_us>=?1 AND ended_us<?2 ORDER BY ended_us DESC LIMIT ?3) GROUP BY at
                    """, r => (r.Number(0), r.Number(1)), (end - Seconds) * Second, end * Second, Most))
                {
                    points[(int)(second - end + Seconds)][part + 1] += count;
                }
            }
        }

        return points;
    }

    /// <summary>The graph of the last two minutes, two seconds a column: for browsers without scripts, and until the live one has begun.</summary>
    public static ColumnChart RecentChart(IReadOnlyList<long[]> points) => new("rates", "What ended in the last two minutes", Parts,
        [.. points.Chunk(2).Select(pair =>
        {
            var time = DateTimeOffset.FromUnixTimeSeconds(pair[0][0]).UtcDateTime;
            return new Column($"{time:HH:mm:ss} UTC", time is { Second: 0 or 1 or 30 or 31 } ? time.ToString("HH:mm:ss") : "", [.. Enumerable.Range(1, 3).Select(i => pair.Sum(p => p[i]))]);
        })])
    { Empty = "Nothing ended in the last two minutes" };

    /// <summary>What has ended since an hour, by part: it only grows, so that two looks tell what ended between them.</summary>
    public static long[] Ended(LedgerConnection db, long since)
    {
        var counts = db.Query("SELECT outcome, SUM(n) FROM hour_tally WHERE hour_us>=?1 GROUP BY outcome", r => (r.Text(0), r.Number(1)), since).ToDictionary(r => r.Item1, r => r.Item2, StringComparer.Ordinal);
        return [.. Parts.Select(p => counts.GetValueOrDefault(p.Name))];
    }

    /// <summary>The hour before the one of a time: what is told an hour late still counts.</summary>
    public static long HourBefore(DateTimeOffset now) => (now.Micros() / Hour * Hour) - Hour;
}
