using System.Text.Json;
using DataPrep;
using Workflow.Ledger;

namespace Workflow.Runs;

/// <summary>What an attempt says while it works, gathered between heartbeats and written with the next one.</summary>
sealed class Telemetry(TimeProvider time, string nodeId, IRunObserver observer)
{
    readonly Lock gate = new();
    readonly List<(string Key, long Step, double Value, long Ts)> metrics = [];
    readonly List<(string Key, long Step, double Low, double High, string Counts, string? Figures, long Ts)> histograms = [];
    readonly List<(string Type, string Payload, long Ts)> events = [];
    readonly List<(long Seq, string Line, long Ts)> lines = [];
    readonly Dictionary<string, long> series = new(StringComparer.Ordinal);
    StageProgress? progress;
    string? message;
    long logged;
    long spoke = time.GetTimestamp();

    /// <summary>How long nothing was said, on the monotonic clock.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Volatile.Read(ref spoke));

    public void Progress(StageProgress value)
    {
        lock (gate)
        {
            spoke = time.GetTimestamp();
            message = value.Message ?? message;
            progress = value with { Message = message };
            observer.Progress(nodeId, value with { Message = message });
        }
    }

    public void Metric(string key, long step, double value)
    {
        lock (gate)
        {
            spoke = time.GetTimestamp();
            metrics.Add((key, step, value, time.Micros()));
        }
    }

    public void Histogram(string key, long step, double low, double high, IReadOnlyList<long> counts, IReadOnlyDictionary<string, double>? figures)
    {
        // JSON has no word for what is no number: such a figure is left out.
        var told = figures?.Where(f => double.IsFinite(f.Value)).ToDictionary(StringComparer.Ordinal);
        lock (gate)
        {
            spoke = time.GetTimestamp();
            histograms.Add((key, step, low, high, JsonSerializer.Serialize(counts), told is null ? null : JsonSerializer.Serialize(told), time.Micros()));
        }
    }

    public void Event(string type, string payload)
    {
        lock (gate)
        {
            spoke = time.GetTimestamp();
            events.Add((type, payload, time.Micros()));
        }
    }

    public void Log(string line)
    {
        lock (gate)
        {
            spoke = time.GetTimestamp();
            lines.Add((logged++, line, time.Micros()));
            observer.Log(nodeId, line);
        }
    }

    /// <summary>Writes what was gathered; runs inside the transaction of a heartbeat or a checkpoint, after the fence was found held.</summary>
    public void Flush(LedgerConnection db, Claim claim)
    {
        lock (gate)
        {
            if (progress is { } p)
            {
                db.Execute("UPDATE attempt SET progress_num=?2, progress_den=?3, progress_unit=?4, progress_msg=?5 WHERE attempt_id=?1", claim.AttemptId, p.Done, p.Total, p.Unit, p.Message);
                progress = null;
            }

            foreach (var (seq, line, ts) in lines)
            {
                db.Execute("INSERT OR REPLACE INTO attempt_log(attempt_id, seq, ts_us, line) VALUES (?1, ?2, ?3, ?4)", claim.AttemptId, seq, ts, line);
            }

            foreach (var (key, step, value, ts) in metrics)
            {
                db.Execute("""
                    INSERT INTO metric_point(series_id, step, epoch, ts_us, value) VALUES (?1, ?2, ?3, ?4, ?5)
                    ON CONFLICT(series_id, step) DO UPDATE SET epoch=excluded.epoch, ts_us=excluded.ts_us, value=excluded.value WHERE excluded.epoch>=metric_point.epoch
                    """, Series(db, claim, key), step, claim.Epoch, ts, double.IsNaN(value) ? null : value);
            }

            foreach (var (key, step, low, high, counts, figures, ts) in histograms)
            {
                db.Execute("""
                    INSERT INTO histogram(series_id, step, epoch, ts_us, low, high, counts_json, figures_json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                    ON CONFLICT(series_id, step) DO UPDATE SET epoch=excluded.epoch, ts_us=excluded.ts_us, low=excluded.low, high=excluded.high, counts_json=excluded.counts_json,
                      figures_json=excluded.figures_json WHERE excluded.epoch>=histogram.epoch
                    """, Series(db, claim, key), step, claim.Epoch, ts, low, high, counts, figures);
            }

            foreach (var (type, payload, ts) in events)
            {
                db.Execute("INSERT INTO event(ts_us, run_id, node_id, epoch, type, payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", ts, claim.RunId, claim.NodeId, claim.Epoch, type, payload);
            }

            metrics.Clear();
            histograms.Clear();
            events.Clear();
            lines.Clear();
        }
    }

    long Series(LedgerConnection db, Claim claim, string key)
    {
        if (!series.TryGetValue(key, out var id))
        {
            db.Execute("INSERT INTO metric_series(run_id, node_id, key) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING", claim.RunId, claim.NodeId, key);
            series.Add(key, id = db.Number("SELECT series_id FROM metric_series WHERE run_id=?1 AND node_id=?2 AND key=?3", claim.RunId, claim.NodeId, key));
        }

        return id;
    }
}
