using System.Text.Json;
using Workflow.Dashboard.Shell;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Dashboard.CachePages;

/// <summary>Looks into the cache of one stage over some days.</summary>
public sealed record CacheStage(string Stage, string Uses, long Hits, long Misses, TimeSpan Saved);

/// <summary>Looks into the cache of one day.</summary>
public sealed record CacheDay(DateOnly Day, long Hits, long Misses);

/// <summary>An entry of the cache.</summary>
public sealed record CacheEntry(string Key, string Stage, string Uses, string Node, string Run, string Job, DateTimeOffset Created, DateTimeOffset? LastHit, long Hits, TimeSpan Cost, DateTimeOffset? Invalid, string? Reason);

/// <summary>Why a node was computed, and whose key was nearest.</summary>
public sealed record CacheWhy(string Run, string Job, string Node, string State, string? Result, string? ReusedFromRun, IReadOnlyList<WhyDifference> Differences, IReadOnlyList<CacheEntry> Nearest, string? KeyJson);

/// <summary>Reads for pages of the cache.</summary>
static class CacheQueries
{
    const long DayUs = 86_400_000_000;

    const string Entries = """
        SELECT m.memo_key, m.stage, m.uses, m.node_id, t.run_id, r.pipeline, m.created_us, m.last_hit_us, m.hits, COALESCE(t.ended_us-t.started_us, 0), m.invalid_us, m.invalid_reason
        FROM memo m CROSS JOIN attempt t ON t.attempt_id=m.attempt_id CROSS JOIN run r ON r.run_id=t.run_id
        """;

    /// <summary>Stages by time saved, over the last days.</summary>
    public static List<CacheStage> Stages(LedgerConnection db, long now, int days) => db.Query("""
        SELECT stage, uses, SUM(hits), SUM(misses), SUM(saved_us) FROM memo_tally WHERE day_us>?1 GROUP BY uses, stage ORDER BY SUM(saved_us) DESC, SUM(hits)+SUM(misses) DESC LIMIT 200
        """, r => new CacheStage(r.Text(0), r.Text(1), r.Number(2), r.Number(3), TimeSpan.FromMicroseconds(r.Number(4))), now - (days * DayUs));

    /// <summary>Every one of the last days.</summary>
    public static List<CacheDay> Days(LedgerConnection db, long now, int days)
    {
        var found = db.Query("SELECT day_us, SUM(hits), SUM(misses) FROM memo_tally WHERE day_us>?1 GROUP BY day_us", r => (Day: r.Number(0), Hits: r.Number(1), Misses: r.Number(2)), now - (days * DayUs)).ToDictionary(d => d.Day);
        var today = now - (now % DayUs);
        return [.. Enumerable.Range(0, days).Select(i => today - ((days - 1 - i) * DayUs)).Select(d => new CacheDay(DateOnly.FromDateTime(LedgerTime.FromMicros(d).UtcDateTime), found.GetValueOrDefault(d).Hits, found.GetValueOrDefault(d).Misses))];
    }

    /// <summary>Entries taken most often.</summary>
    public static List<CacheEntry> MostHit(LedgerConnection db, Paging paging)
    {
        var (hits, key) = Cursor.Read(paging.After, "nt") is [long n, string last] ? (n, last) : (long.MaxValue, "");
        return db.Query($"{Entries} WHERE m.hits>0 AND m.hits<=?1 AND (m.hits<?1 OR m.memo_key>?2) ORDER BY m.hits DESC, m.memo_key LIMIT ?3", Entry, hits, key, paging.Size + 1);
    }

    /// <summary>Entries whose results are gone, newest first.</summary>
    public static List<CacheEntry> Invalid(LedgerConnection db, Paging paging)
    {
        var (at, key) = Cursor.Read(paging.After, "nt") is [long n, string last] ? (n, last) : (long.MaxValue, "");
        return db.Query($"{Entries} WHERE m.invalid_us IS NOT NULL AND m.invalid_us<=?1 AND (m.invalid_us<?1 OR m.memo_key>?2) ORDER BY m.invalid_us DESC, m.memo_key LIMIT ?3", Entry, at, key, paging.Size + 1);
    }

    /// <summary>Entries made last.</summary>
    public static List<CacheEntry> Newest(LedgerConnection db, Paging paging)
    {
        var (at, key) = Cursor.Read(paging.After, "nt") is [long n, string last] ? (n, last) : (long.MaxValue, "");
        return db.Query($"{Entries} WHERE m.created_us<=?1 AND (m.created_us<?1 OR m.memo_key>?2) ORDER BY m.created_us DESC, m.memo_key LIMIT ?3", Entry, at, key, paging.Size + 1);
    }

    /// <summary>Why one node was computed or reused; null where there is none.</summary>
    public static CacheWhy? Why(LedgerConnection db, string run, string node)
    {
        var found = db.First("""
            SELECT n.node_id, n.state, n.memo_result, n.why_json, n.key_json, n.uses, n.stage, n.kind, n.memo_key, r.pipeline, COALESCE(t.started_us, n.ended_us, r.created_us), (SELECT o.run_id FROM node_reuse u JOIN attempt o USING(attempt_id) WHERE u.run_id=n.run_id AND u.node_id=n.node_id)
            FROM node n JOIN run r USING(run_id) LEFT JOIN attempt t ON t.run_id=n.run_id AND t.node_id=n.node_id AND t.epoch=1 WHERE n.run_id=?1 AND n.node_id=?2
            """, r => (Node: r.Text(0), State: r.Text(1), Result: r.TextOrNull(2), Why: r.TextOrNull(3), Key: r.TextOrNull(4), Uses: r.Text(5), Stage: r.Text(6), Kind: r.Text(7), Memo: r.TextOrNull(8), Job: r.Text(9), At: r.Number(10), From: r.TextOrNull(11)), run, node);
        if (found.Node is null)
        {
            return null;
        }

        // Keys of the same stage and kind made before it, newest first; the same node's stands first.
        var near = db.Query($"{Entries} WHERE m.uses=?1 AND m.stage=?2 AND m.kind=?3 AND m.created_us<?4 AND m.memo_key<>?5 ORDER BY m.created_us DESC LIMIT 60", Entry, found.Uses, found.Stage, found.Kind, found.At, found.Memo ?? "")
            .OrderByDescending(e => e.Node == found.Node).Take(5).ToList();
        return new CacheWhy(run, found.Job, found.Node, found.State, found.Result, found.From, Differences(found.Why), near, found.Key);
    }

    static IReadOnlyList<WhyDifference> Differences(string? json)
    {
        try
        {
            return JsonSerializer.Deserialize<List<WhyDifference>>(json ?? "[]") ?? [];
        }
        catch (JsonException)
        {
            // Of another version of this program.
            return [new WhyDifference("as stored", null, null, json!)];
        }
    }

    static CacheEntry Entry(Row r) => new(r.Text(0), r.Text(1), r.Text(2), r.Text(3), r.Text(4), r.Text(5), LedgerTime.FromMicros(r.Number(6)), r.TimeOrNull(7), r.Number(8), TimeSpan.FromMicroseconds(r.Number(9)), r.TimeOrNull(10), r.TextOrNull(11));
}
