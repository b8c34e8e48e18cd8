using System.Text.Json;
using DataPrep;
using DataPrep.Mining;
using DataPrep.Tables;
using Trainer.Evaluation;
using Trainer.Training;
using Workflow.Reports;

namespace Workflow.Stages;

/// <summary>Reads what a run published and puts it into the form that a report shows.</summary>
sealed class ReportSources(StageContext context, ITableStore store, ReportOptions options, CancellationToken cancellationToken)
{
    const int Shown = 8;
    static readonly string[] Metrics = ["ndcg@10", "mrr@10", "recall@100"];

    public ReportModel Build()
    {
        var scores = context.Artifacts("scores");
        var pairs = RowTables.Pairs.Read(store, context.Paths("pairs"), cancellationToken).ToList();
        return new ReportModel
        {
            Title = options.Title,
            Description = context.Artifact(PromoteStage.Decision) is { } decided ? $"{options.Description} {Decided(decided)}".TrimStart() : options.Description,
            Corpus = context.Artifact("documents") is null ? null : Corpus(pairs),
            Rounds = [.. scores.Select(Round)],
            Differences = scores.Count == 0 ? [] : [.. Differences(scores[^1])],
            Trainings = [.. context.Artifacts("models").Select((m, i) => new ReportTraining(RoundName(i), TrainingLog.Read(m.Files())))],
            Mining = [.. context.Artifacts("mining").Select((m, i) => Mined(m.ReadJson<MiningReport>(MineStage.MiningFile), RoundName(i)))],
            Lineage = Lineage(),
            Samples = pairs.Count == 0 ? [] : [Sample(pairs)],
            Queries = scores.Count == 0 ? [] : Queries(scores[^1], pairs),
            Notes =
            [
                "Metrics follow trec_eval: linear gains, ties by document id descending, every judged query counted. Intervals are 95 % percentile bootstrap intervals over queries.",
                "BM25's analyzer and the hybrid's weight were chosen on dev queries made from the corpus, never on the queries reported here.",
            ],
        };
    }

    static string Decided(InputArtifact decision) => $"Slot {decision.Manifest.Meta[PromoteStage.SlotFact]}: {decision.ReadJson<PromotionDecision>(PromoteStage.File).Reason}.";

    string RoundName(int index) => index < options.Rounds.Count ? options.Rounds[index] : $"round {index}";

    ReportCorpus Corpus(IReadOnlyList<Pair> pairs) => new()
    {
        Documents = context.Artifact("documents")!.Manifest.Rows,
        Read = context.Artifact("documents")!.Manifest.Rows + (context.Artifact("rejects")?.Manifest.Rows ?? 0),
        Duplicates = context.Artifact("duplicates")?.Manifest.Rows ?? 0,
        Rejects = [.. RowTables.Rejects.Read(store, context.Paths("rejects"), cancellationToken).CountBy(r => r.Reason).OrderByDescending(r => r.Value).ThenBy(r => r.Key, StringComparer.Ordinal).Select(r => new ReportCount(r.Key, r.Value))],
        Pairs = [.. pairs.CountBy(p => (p.Generator, p.Split)).OrderBy(p => p.Key).Select(p => new ReportPairs(p.Key.Generator, p.Key.Split, p.Value))],
        Negatives = [.. context.Artifacts("mined").Select((m, i) => new ReportCount(RoundName(i), m.Manifest.Rows))],
        Shards = context.Artifacts("shards") is [.., var last] ? last.Manifest.Members.Count(m => m.Name.StartsWith("rows-", StringComparison.Ordinal)) : 0,
        ShardRows = context.Artifacts("shards") is [.., var latest] ? latest.Manifest.Members.Where(m => m.Name.StartsWith("rows-", StringComparison.Ordinal)).Sum(m => m.Rows ?? 0) : 0,
    };

    ReportRound Round(InputArtifact artifact, int index)
    {
        using var json = Scores(artifact);
        var root = json.RootElement;
        var rows = from system in root.GetProperty("systems").EnumerateObject()
                   from metric in Metrics
                   let interval = root.GetProperty("intervals").GetProperty(system.Name).GetProperty(metric)
                   select new ReportScore(system.Name, metric, system.Value.GetProperty(metric).GetDouble(), interval[0].GetDouble(), interval[1].GetDouble());
        return new ReportRound(RoundName(index), options.Collection, root.GetProperty("queries").GetProperty("trec").GetInt64(), [.. rows]);
    }

    static IEnumerable<ReportDifference> Differences(InputArtifact artifact)
    {
        using var json = Scores(artifact);
        var systems = json.RootElement.GetProperty("systems");
        foreach (var system in json.RootElement.GetProperty("differences_to_bm25").EnumerateObject())
        {
            foreach (var metric in Metrics)
            {
                var interval = system.Value.GetProperty(metric);
                var value = systems.GetProperty(system.Name).GetProperty(metric).GetDouble() - systems.GetProperty("bm25").GetProperty(metric).GetDouble();
                yield return new ReportDifference(system.Name, "bm25", metric, value, interval[0].GetDouble(), interval[1].GetDouble());
            }
        }
    }

    static JsonDocument Scores(InputArtifact artifact) => JsonDocument.Parse(File.ReadAllBytes(artifact.PathOf(RetrievalFiles.ScoresFile)));

    static ReportMining Mined(MiningReport report, string round) => new(
        $"Negatives for {round}",
        [
            new("mining", "guide", report.Guide.Length > 24 ? report.Guide[..24] : report.Guide), new("mining", "rule", report.Rule),
            new("mining", "positive score, mean", $"{report.Positive.Mean:0.###}"), new("mining", "negative score, mean", $"{report.Negative.Mean:0.###}"),
            new("mining", "difference, mean", $"{report.Difference.Mean:0.###}"), new("mining", "negatives above their positive", $"{report.Audit.Above:P1}"),
            new("mining", "negatives within 5 % of their positive", $"{report.Audit.Near:P1}"), new("mining", "near duplicates of a positive", $"{report.Audit.NearDuplicate:P1}"),
        ],
        [],
        [
            new("relevant to the query", report.Counters.Relevant), new("above max_score", report.Counters.AboveMaxScore), new("below min_score", report.Counters.BelowMinScore),
            new("inside absolute_margin", report.Counters.InAbsoluteMargin), new("inside relative_margin", report.Counters.InRelativeMargin), new("pairs with too few", report.Counters.PairsTooFew),
        ]);

    ReportLineage Lineage()
    {
        string[] slots = ["documents", "rejects", "duplicates", "pairs", "embeddings", "mined", "shards", "models", "scores"];
        var nodes = slots.SelectMany(slot => context.Artifacts(slot).Select((a, i) => (Slot: slot, Index: i, Artifact: a))).DistinctBy(n => n.Artifact.Id).ToList();
        (string From, string To)[] flow = [("documents", "duplicates"), ("documents", "pairs"), ("pairs", "mined"), ("mined", "shards"), ("shards", "models"), ("models", "scores")];
        var edges = new List<(string, string)>();
        foreach (var (from, to) in flow)
        {
            edges.AddRange(from target in nodes.Where(n => n.Slot == to)
                           from source in nodes.Where(n => n.Slot == @from)
                           where source.Index == target.Index || nodes.Count(n => n.Slot == @from) == 1
                           select (source.Artifact.Id, target.Artifact.Id));
        }

        foreach (var embeddings in nodes.Where(n => n.Slot == "embeddings"))
        {
            edges.AddRange(nodes.Where(n => n.Slot == "models" && n.Artifact.Manifest.Meta.GetValueOrDefault("digest") == embeddings.Artifact.Manifest.Meta.GetValueOrDefault("model")).Select(n => (n.Artifact.Id, embeddings.Artifact.Id)));
            edges.AddRange(nodes.Where(n => n.Slot == "mined" && n.Artifact.Manifest.Meta.GetValueOrDefault("guide") == embeddings.Artifact.Id).Select(n => (embeddings.Artifact.Id, n.Artifact.Id)));
        }

        return new ReportLineage([.. nodes.Select(n => new ReportNode(n.Artifact.Id, "artifact", n.Artifact.Manifest.Kind, n.Artifact.Id, n.Artifact.Manifest.Rows > 0 ? $"{n.Artifact.Manifest.Rows:N0} rows" : ""))], edges);
    }

    static ReportSample Sample(IReadOnlyList<Pair> pairs) => new("Pairs", ["split", "generator", "query", "document"],
        [.. pairs.GroupBy(p => (p.Split, p.Generator)).OrderBy(g => g.Key).SelectMany(g => g.Take(3)).Select(p => (IReadOnlyList<string>)[p.Split, p.Generator, p.Query, p.DocId])]);

    // The queries the model helps or harms most, by nDCG@10.
    List<ReportQuery> Queries(InputArtifact scores, IReadOnlyList<Pair> pairs)
    {
        var values = new Dictionary<string, (double Bm25, double Model)>(StringComparer.Ordinal);
        var column = RetrievalFiles.PerQuerySchema.Columns.ToList().FindIndex(c => c.Name == "ndcg@10");
        foreach (var batch in store.Read(scores.PathOf(RetrievalFiles.PerQueryFile), RetrievalFiles.PerQuerySchema, cancellationToken))
        {
            for (var i = 0; i < batch.Rows; i++)
            {
                var (query, system, value) = (((string?[])batch.Values[0])[i]!, ((string?[])batch.Values[1])[i], ((double[])batch.Values[column])[i]);
                var known = values.GetValueOrDefault(query);
                values[query] = system switch { "bm25" => known with { Bm25 = value }, "model" => known with { Model = value }, _ => known };
            }
        }

        var texts = pairs.Where(p => p.Split == "test").DistinctBy(p => p.QueryId).ToDictionary(p => p.QueryId, StringComparer.Ordinal);
        var ordered = values.Where(v => v.Value.Model != v.Value.Bm25).OrderByDescending(v => v.Value.Model - v.Value.Bm25).ThenBy(v => v.Key, StringComparer.Ordinal).ToList();
        return [.. ordered.Take(Shown).Concat(ordered.Skip(Math.Max(Shown, ordered.Count - Shown))).Select(v =>
            new ReportQuery(texts.TryGetValue(v.Key, out var pair) ? pair.Query : v.Key, v.Value.Bm25, v.Value.Model, "ndcg@10", pair?.DocId ?? ""))];
    }
}
