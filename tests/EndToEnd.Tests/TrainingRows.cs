namespace EndToEnd.Tests;

/// <summary>What a training told the ledger, as sqlite3 sees it.</summary>
static class TrainingRows
{
    /// <summary>Points and histograms of the stage train, without those that depend on the machine.</summary>
    public static Task<string[]> SeriesAsync(string home, string run) => Sqlite3.QueryAsync(home, $"""
        SELECT s.key, p.step, p.value, '' FROM metric_series s JOIN metric_point p USING(series_id)
          WHERE s.run_id='{run}' AND s.node_id='train' AND s.key NOT IN ('pairs_per_second', 'tokens_per_second', 'memory_bytes')
        UNION ALL SELECT s.key, h.step, h.counts_json, h.figures_json FROM metric_series s JOIN histogram h USING(series_id) WHERE s.run_id='{run}' AND s.node_id='train'
        ORDER BY 1, 2
        """);

    /// <summary>Events of the stage train that still count: those beyond the checkpoint that a later attempt went on from never happened. An event told twice for one step is one.</summary>
    public static Task<string[]> EventsAsync(string home, string run) => Sqlite3.QueryAsync(home, $"""
        SELECT DISTINCT e.type, json_extract(e.payload, '$.step'), json_extract(e.payload, '$.name'), json_extract(e.payload, '$.text') FROM event e
        WHERE e.run_id='{run}' AND e.node_id='train' AND e.type LIKE 'training.%' AND e.type<>'training.environment_changed' AND NOT EXISTS
          (SELECT 1 FROM attempt t WHERE t.run_id=e.run_id AND t.node_id=e.node_id AND t.epoch>e.epoch AND COALESCE(t.resumed_ckpt, -1)<json_extract(e.payload, '$.step'))
        ORDER BY 1, 2
        """);
}
