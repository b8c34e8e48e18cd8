using System.Globalization;
using System.Text.Json;
using Trainer.Evaluation;

namespace Trainer.Tests.Evaluation;

public sealed class MetricCalculatorTests
{
    static readonly Metric[] TrecMetrics = [.. new[] { "ndcg@10", "map@100", "recall@100", "p@10", "mrr" }.Select(Metric.Parse)];
    static readonly string[] TrecMeasures = ["ndcg_cut_10", "map_cut_100", "recall_100", "P_10", "recip_rank"];

    [Theory]
    [InlineData("expected.trec_eval.tsv", false)]
    [InlineData("expected.trec_eval.all-queries.tsv", true)]
    public void Trec_EqualsTrecEval_PerQueryAndInTheMean(string expected, bool complete)
    {
        var report = MetricCalculator.Evaluate(Qrels("qrels.tsv"), Run(), MetricProfile.Trec, complete, TrecMetrics);
        var rows = File.ReadLines(Fixture.PathOf("metrics/" + expected)).Skip(1).Select(l => l.Split('\t')).ToList();
        var compared = 0;
        foreach (var row in rows)
        {
            var at = Array.IndexOf(TrecMeasures, row[1]);
            if (at < 0)
            {
                continue;
            }

            var found = row[0] == "all" ? report.Mean(TrecMetrics[at]) : report.Queries.Single(q => q.QueryId == row[0]).Values[at];
            Assert.Equal(double.Parse(row[2], CultureInfo.InvariantCulture), found, 1e-9);
            compared++;
        }

        Assert.Equal(5 * (report.Queries.Count + 1), compared);
        Assert.Equal(rows.Single(r => r[1] == "num_q")[2], report.Counts.Scored.ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public void SentenceTransformers_EqualsItsEvaluator_PerQueryAndInTheMean()
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(Fixture.PathOf("metrics/expected.st_ir_evaluator.json")));
        var metrics = new List<Metric>();
        foreach (var metric in json.RootElement.GetProperty("mean").EnumerateObject())
        {
            metrics.AddRange(metric.Value.EnumerateObject().Select(cut => Name(metric.Name, cut.Name)));
        }

        var report = MetricCalculator.Evaluate(Qrels("qrels.tsv"), Run(), MetricProfile.SentenceTransformers, metrics: metrics);
        foreach (var metric in json.RootElement.GetProperty("mean").EnumerateObject())
        {
            foreach (var cut in metric.Value.EnumerateObject())
            {
                Assert.Equal(cut.Value.GetDouble(), report.Mean(Name(metric.Name, cut.Name)), 1e-9);
            }
        }

        var queries = json.RootElement.GetProperty("per_query").EnumerateObject().ToList();
        Assert.Equal(queries.Count, report.Queries.Count);
        foreach (var query in queries)
        {
            var values = report.Queries.Single(q => q.QueryId == query.Name).Values;
            foreach (var metric in query.Value.EnumerateObject())
            {
                foreach (var cut in metric.Value.EnumerateObject())
                {
                    Assert.Equal(cut.Value.GetDouble(), values[metrics.IndexOf(Name(metric.Name, cut.Name))], 1e-9);
                }
            }
        }

        static Metric Name(string name, string cut) => Metric.Parse($"{(name == "precision@k" ? "p" : name[..^2])}@{cut}");
    }

    [Fact]
    public void Qrels_ReadTheSame_FromTrecTsvAndTsvWithHeader()
    {
        var tsv = Qrels("qrels.tsv");
        Assert.Equal(tsv, Qrels("qrels.trec"));
        var withHeader = Path.GetTempFileName();
        File.WriteAllText(withHeader, "query-id\tcorpus-id\tscore\n" + File.ReadAllText(Fixture.PathOf("metrics/qrels.tsv")));
        Assert.Equal(tsv, TrecFiles.ReadQrels(withHeader));
        File.Delete(withHeader);
    }

    [Fact]
    public void Run_KeepsItsScores_WhenWrittenAndReadAgain()
    {
        var run = Run();
        var path = Path.GetTempFileName();
        TrecFiles.WriteRun(path, run, "again");
        var again = TrecFiles.ReadRun(path);
        File.Delete(path);
        Assert.Equal(run.QueryIds.Order(StringComparer.Ordinal), again.QueryIds);
        foreach (var queryId in run.QueryIds)
        {
            Assert.Equal(RetrievalRun.Rank(run[queryId]!, MetricProfile.Trec), again[queryId]!);
        }
    }

    [Theory]
    [InlineData("q1 Q0 d1 1 high tag", "line 1", "score 'high'")]
    [InlineData("q1 Q0 d1 1 0.5", "line 1", "5 columns")]
    [InlineData("q1 Q0 d1 1 0.5 t\nq1 Q0 d1 2 0.4 t", "'d1'", "twice")]
    [InlineData("q1 Q0 d1 1 NaN t", "line 1", "NaN")]
    public void ReadRun_SaysWhereAndWhat_WhenALineIsWrong(string text, string where, string what)
    {
        var path = Path.GetTempFileName();
        File.WriteAllText(path, text);
        var error = Assert.Throws<TrainerException>(() => TrecFiles.ReadRun(path));
        File.Delete(path);
        Assert.Contains(where, error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ndgc@10")]
    [InlineData("ndcg@0")]
    [InlineData("ndcg@")]
    public void Metric_IsRefused_WhenItsNameIsWrong(string name) => Assert.Throws<TrainerException>(() => Metric.Parse(name));

    [Fact]
    public void Counts_NameQueriesThatDidNotMeet()
    {
        var counts = MetricCalculator.Evaluate(Qrels("qrels.tsv"), Run(), MetricProfile.Trec).Counts;
        Assert.Equal((23, 25, 24, 2, 1, 1), (counts.Scored, counts.Judged, counts.InRun, counts.Missing, counts.Unjudged, counts.WithoutRelevant));
    }

    static IReadOnlyList<DataPrep.Qrel> Qrels(string name) => TrecFiles.ReadQrels(Fixture.PathOf("metrics/" + name));

    static RetrievalRun Run() => TrecFiles.ReadRun(Fixture.PathOf("metrics/run.trec"));
}
