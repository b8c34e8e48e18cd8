using Workflow.Ledger;

namespace Bench;

/// <summary>Metric series, histograms and checkpoints of a generated training.</summary>
sealed class DashboardTraining(DashboardHome home, LedgerConnection db)
{
    static readonly string[] Keys = ["train/loss", "dev/loss", "dev/ndcg@10", "train/learning_rate"];

    public required string Run { get; init; }

    public required string Attempt { get; init; }

    public required long Started { get; init; }

    /// <summary>Whether it has a tenth of all points.</summary>
    public bool Long { get; init; }

    /// <summary>Artifact that stands for its checkpoints, or null.</summary>
    public string? Model { get; init; }

    public void Write()
    {
        var points = Long ? home.Volume.Points / 10 / Keys.Length : home.Volume.Points / home.Volume.Runs / Keys.Length;
        foreach (var key in Keys)
        {
            db.Execute("INSERT INTO metric_series(run_id, node_id, key) VALUES (?1, 'train', ?2)", Run, key);
            var series = db.Number("SELECT last_insert_rowid()");
            db.Execute("""
                WITH RECURSIVE s(i) AS (VALUES(0) UNION ALL SELECT i+1 FROM s WHERE i+1<?2)
                INSERT INTO metric_point(series_id, step, epoch, ts_us, value) SELECT ?1, i, 1, ?3+i*1000, ?4/(1+i*0.01)+(i*2654435761%97)*0.001 FROM s
                """, series, points, Started, key == "train/learning_rate" ? 0.01 : 4.0);
        }

        db.Execute("INSERT INTO metric_series(run_id, node_id, key) VALUES (?1, 'train', 'train/cosine')", Run);
        var cosine = db.Number("SELECT last_insert_rowid()");
        for (var step = 0; step < 10; step++)
        {
            db.Execute("INSERT INTO histogram(series_id, step, epoch, ts_us, low, high, counts_json) VALUES (?1, ?2, 1, ?3, -1, 1, '[1,2,4,9,20,40,60,40,20,9,4,2]')", cosine, step * 100, Started + step);
        }

        for (var step = 1; Model is not null && step <= 3; step++)
        {
            db.Execute("INSERT INTO checkpoint(run_id, node_id, step, epoch, memo_key, artifact_id, cursor_json, metric, best, created_us, kept) VALUES (?1, 'train', ?2, 1, 'k', ?3, ?4, ?5, ?6, ?7, ?8)", Run, step * 200, Model,
                $$"""{"batch":{{step * 200}},"epoch":0}""", 0.3 + (step * 0.02), step == 3, Started + step, step > 1);
        }

        db.Execute("INSERT INTO check_result(attempt_id, name, status, severity, expected, actual) VALUES (?1, 'loss is finite', 'passed', 'error', 'finite', 'finite')", Attempt);
    }
}
