using System.Diagnostics;
using System.Text.Json;
using DataPrep.Mining;

namespace DataPrep.Tests.Mining;

public sealed class MiningReportTests
{
    [Fact]
    public async Task Distribution_EqualsPythonsStatistics_ForRandomValuesAsync()
    {
        if (!File.Exists("/usr/bin/python3"))
        {
            Assert.Skip("no /usr/bin/python3");
        }

        const string Script = """
            import sys, json, statistics as s
            v = json.load(sys.stdin)
            q = s.quantiles(v, n=4, method='inclusive')
            print(json.dumps([len(v), s.mean(v), s.median(v), s.stdev(v), min(v), max(v), q[0], q[2]]))
            """;
        var random = new Random(8);
        foreach (var n in new[] { 2, 3, 10, 1001 })
        {
            var values = Enumerable.Range(0, n).Select(_ => (random.NextDouble() * 3) - 1).ToArray();
            using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            await python.StandardInput.WriteAsync(JsonSerializer.Serialize(values));
            python.StandardInput.Close();
            var expected = JsonSerializer.Deserialize<double[]>(await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken))!;
            var d = Distribution.Of(values);
            double[] actual = [d.Count, d.Mean, d.Median, d.StandardDeviation, d.Min, d.Max, d.Percentile25, d.Percentile75];
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        }

        Assert.Equal(new Distribution(0, 0, 0, 0, 0, 0, 0, 0), Distribution.Of([]));
        Assert.Equal(new Distribution(1, 4, 4, 0, 4, 4, 4, 4), Distribution.Of([4]));
    }

    [Fact]
    public void Of_CountsSuspects_ByScoreContentAndOverlap()
    {
        var corpus = new MiningCorpus(
        [
            Fixture.Document("p", content: "one two three four five"),
            Fixture.Document("same", content: "one two three four five"),
            Fixture.Document("near", content: "five four THREE two one six"),
            Fixture.Document("far", content: "seven eight"),
        ]);
        Negative Negative(string document, float score, string query = "q") => new(query, "p", document, score, 1, 0, "matrix", "", "");
        Negative[] negatives = [Negative("same", 1.2f), Negative("near", 0.96f), Negative("far", 0.5f), Negative("far", 0.9f, "r")];
        var report = MiningReport.Of(negatives, new MiningCounters(), corpus, new MiningOptions(), "guide");
        Assert.Equal((4, 0.5, 0.25, 0.25, 0.5), (report.Audit.Negatives, report.Audit.Near, report.Audit.Above, report.Audit.SameContent, report.Audit.NearDuplicate));
        Assert.Equal(["same", "near", "far", "far"], report.Audit.Suspects.Select(suspect => suspect.NegativeDocId));
        Assert.Equal(5 / 6.0, report.Audit.Suspects[1].Jaccard, 1e-12);
        Assert.Equal(2, report.Positive.Count);
        Assert.Equal(4, report.Negative.Count);
        Assert.Equal((-0.2 + 0.04 + 0.5 + 0.1) / 4, report.Difference.Mean, 1e-6);
    }
}
