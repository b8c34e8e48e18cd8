using Workflow.Reports;

namespace Workflow.Tests.Reports;

/// <summary>A report as two rounds over an API reference would give it: every part filled, with curves of believable shape.</summary>
static class ExampleReport
{
    public static ReportModel Model { get; } = new()
    {
        Title = "quickstart",
        Description = "Trains a static encoder on the API reference of the installed .NET SDK: member names are queries, descriptions are documents.",
        Corpus = new ReportCorpus
        {
            Documents = 79_214,
            Read = 91_022,
            Duplicates = 7_551,
            Shards = 8,
            ShardRows = 118_304,
            Rejects = [new("no id", 11), new("not XML", 2), new("repeats an id", 4_244)],
            Pairs = [new("title", "train", 61_022), new("title", "dev", 3_110), new("title", "test", 3_204), new("lead", "train", 40_114), new("lead", "dev", 2_020), new("crop", "train", 17_168)],
            Negatives = [new("rank 10–100", 410_220), new("relative margin 0.95", 61_019), new("random fill", 2_204)],
        },
        Rounds =
        [
            new("round 0", "test queries of unseen types", 1_000, [
                new("bm25", "ndcg@10", 0.2514, 0.2291, 0.2741), new("bm25", "mrr@10", 0.2287, 0.2061, 0.2519), new("bm25", "recall@100", 0.5710, 0.5412, 0.6006),
                new("model", "ndcg@10", 0.4541, 0.4290, 0.4799), new("model", "mrr@10", 0.4189, 0.3934, 0.4450), new("model", "recall@100", 0.8220, 0.7980, 0.8451),
                new("hybrid", "ndcg@10", 0.4610, 0.4361, 0.4861), new("hybrid", "mrr@10", 0.4255, 0.3999, 0.4516), new("hybrid", "recall@100", 0.8330, 0.8094, 0.8556)]),
            new("round 1", "test queries of unseen types", 1_000, [
                new("bm25", "ndcg@10", 0.2514, 0.2291, 0.2741), new("bm25", "mrr@10", 0.2287, 0.2061, 0.2519), new("bm25", "recall@100", 0.5710, 0.5412, 0.6006),
                new("model", "ndcg@10", 0.4872, 0.4618, 0.5127), new("model", "mrr@10", 0.4507, 0.4250, 0.4771), new("model", "recall@100", 0.8410, 0.8180, 0.8630),
                new("hybrid", "ndcg@10", 0.4920, 0.4669, 0.5172), new("hybrid", "mrr@10", 0.4561, 0.4303, 0.4822), new("hybrid", "recall@100", 0.8490, 0.8265, 0.8703),
                new("bm25", "p@1", 0.181, 0.157, 0.205), new("model", "p@1", 0.392, 0.362, 0.422), new("hybrid", "p@1", 0.398, 0.368, 0.428)]),
        ],
        Differences =
        [
            new("model", "bm25", "ndcg@10", 0.2358, 0.2089, 0.2630, 0.0002), new("hybrid", "bm25", "ndcg@10", 0.2406, 0.2151, 0.2668, 0.0002),
            new("hybrid", "model", "ndcg@10", 0.0048, -0.0022, 0.0117, 0.181),
        ],
        Trainings = [new("round 0", ExampleTraining.Degrading), new("round 1", ExampleTraining.Going)],
        Mining =
        [
            new("round 1, guide: model of round 0",
                [new("", "guide", "3f9c2a7be01d"), new("", "range", "10–100"), new("", "relative margin", "0.95"), new("", "negatives per query", "4")],
                [new("Guide's cosine of positives and kept negatives", 0, 1, [new("positive", Bell(40, 0.66, 0.14, 61_022)), new("kept negative", Bell(40, 0.42, 0.11, 244_000))])],
                [new("above relative margin", 81_220), new("same relevance group", 12_008), new("near duplicate of the positive", 1_730)]),
        ],
        Queries =
        [
            new("ConcurrentDictionary.TryGetValue", 0, 1, "ndcg@10", "Attempts to get the value associated with the specified key.", "Attempts to get the value associated with the specified key."),
            new("Utf8JsonReader.Skip", 0.30, 1, "ndcg@10", "Skips the children of the current JSON token.", "Skips the children of the current JSON token."),
            new("Vector512.WidenUpper", 1, 0.39, "ndcg@10", "Widens the upper half of a vector.", "Widens the lower half of a vector."),
        ],
        Samples =
        [
            new("Pairs", ["query", "passage", "generator"], [
                ["Path.Combine", "Combines strings into a path.", "title"],
                ["資料庫連線", "開啟具有指定屬性設定的資料庫連線。", "lead"]]),
            new("Mined rows", ["query", "positive", "hard negative", "rule"], [["Stack.Peek", "Returns the object at the top without removing it.", "Removes and returns the object at the top.", "rank 10–100"]]),
        ],
        Lineage = Graph(),
        Settings = [new("job", "seed", "17"), new("job", "threads", "2"), new("train", "temperature", "0.05"), new("train", "batch_size", "512"), new("train", "schedule", "cosine"), new("mine", "relative_margin", "0.95")],
        Notes = ["nDCG uses linear gains; ties are broken by document id, descending.", "Intervals are bootstrap percentiles over queries, 1,000 resamples."],
    };

    static ReportLineage Graph()
    {
        (string Stage, string[] From, string[] To)[] stages =
        [
            ("ingest", [], ["documents", "rejects"]), ("pairs", ["documents"], ["pairs"]), ("vocabulary", ["documents", "pairs"], ["tokenizer"]),
            ("mine", ["documents", "pairs"], ["mined"]), ("shard", ["mined"], ["shards"]), ("train", ["shards", "tokenizer"], ["model"]),
            ("encode", ["model", "documents"], ["embeddings"]), ("mine-1", ["pairs", "documents", "embeddings"], ["mined-1"]), ("shard-1", ["mined-1"], ["shards-1"]),
            ("train-1", ["shards-1", "tokenizer", "model"], ["model-1"]), ("evaluate", ["model-1", "documents", "pairs"], ["scores"]),
        ];
        var nodes = stages.Select(s => new ReportNode("s:" + s.Stage, "stage", s.Stage)).Concat(stages.SelectMany(s => s.To).Select((a, i) =>
            new ReportNode("a:" + a, "artifact", a.Replace("-1", "", StringComparison.Ordinal), Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([(byte)i])), "79,214 rows"))).ToList();
        return new ReportLineage(nodes, stages.SelectMany(s => s.From.Select(f => ("a:" + f, "s:" + s.Stage)).Concat(s.To.Select(t => ("s:" + s.Stage, "a:" + t)))).ToList());
    }

    static List<long> Bell(int bins, double mean, double deviation, int total) => Enumerable.Range(0, bins)
        .Select(i => (long)Math.Round(total / (deviation * 2.5066 * bins) * Math.Exp(-0.5 * Math.Pow((((i + 0.5) / bins) - mean) / deviation, 2)))).ToList();
}
