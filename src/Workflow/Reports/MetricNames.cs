namespace Workflow.Reports;

/// <summary>How metrics and systems are written for people.</summary>
public static class MetricNames
{
    /// <summary>"ndcg@10" as "nDCG@10".</summary>
    public static string Metric(string key)
    {
        var at = key.IndexOf('@', StringComparison.Ordinal);
        var (name, cut) = at < 0 ? (key, "") : (key[..at], key[at..]);
        return name.ToLowerInvariant() switch
        {
            "ndcg" => "nDCG" + cut,
            "mrr" => "MRR" + cut,
            "map" => "MAP" + cut,
            "recall" => "Recall" + cut,
            "precision" or "p" => "P" + cut,
            "hit" or "accuracy" or "success" => "Success" + cut,
            _ => key,
        };
    }

    /// <summary>"bm25" as "BM25"; other systems as they are.</summary>
    public static string System(string key) => key.ToLowerInvariant() switch
    {
        "bm25" => "BM25",
        _ => key,
    };

    /// <summary>"bm25" as "BM25", "model" as "The model", "hybrid" as "The hybrid": the start of a sentence.</summary>
    public static string Subject(string key, bool start = true) => key.ToLowerInvariant() switch
    {
        "bm25" => "BM25",
        "model" or "hybrid" => $"{(start ? "The" : "the")} {key}",
        _ => key,
    };
}
