using Trainer.Merging;

namespace Trainer.Tests.Merging;

public sealed class ForgettingReportTests
{
    static readonly ForgettingOptions Options = new() { MaxDrop = 0.02, Metrics = ["ndcg@10", "recall@100"] };

    [Fact]
    public void Compare_MarksWhatFellFurtherThanAllowed()
    {
        var report = ForgettingReport.Compare(Metrics(("scifact", 0.7, 0.9), ("fiqa", 0.3, 0.5)), Metrics(("fiqa", 0.4, 0.49), ("scifact", 0.65, 0.89), ("more", 0, 0)), Options);
        Assert.True(report.Exceeded);
        Assert.Equal(
            [("fiqa", "ndcg@10", false), ("fiqa", "recall@100", false), ("scifact", "ndcg@10", true), ("scifact", "recall@100", false)],
            report.Rows.Select(r => (r.Collection, r.Metric, r.Exceeds)));
        Assert.Contains("scifact ndcg@10: 0.7000 before, 0.6500 after (-0.0500), more than the 0.02 that may be lost", report.Lines);

        var lines = new List<string>();
        Assert.Contains("scifact ndcg@10: 0.7000 before", Assert.Throws<TrainerException>(() => report.Require(Options, lines.Add)).Message, StringComparison.Ordinal);
        report.Require(Options with { Policy = ForgettingPolicy.Tell }, lines.Add);
        Assert.Equal(8, lines.Count);
        Assert.False(ForgettingReport.Compare(Metrics(("fiqa", 0.3, 0.5)), Metrics(("fiqa", 0.29, 0.5)), Options).Exceeded);
    }

    [Fact]
    public void Compare_RefusesWhatWasNotMeasured()
    {
        Assert.Contains("The metrics after have no number ndcg@10 of 'fiqa'", Assert.Throws<TrainerException>(() => ForgettingReport.Compare(Metrics(("fiqa", 0.3, 0.5)), Metrics(), Options)).Message, StringComparison.Ordinal);
        Assert.Throws<TrainerException>(() => ForgettingReport.Compare(Metrics(("fiqa", 0.3, 0.5)), Metrics(("fiqa", double.NaN, 0.5)), Options));
        Assert.Throws<TrainerException>(() => ForgettingReport.Compare(Metrics(), Metrics(), Options));
    }

    static Dictionary<string, IReadOnlyDictionary<string, double>> Metrics(params (string Name, double Ndcg, double Recall)[] collections) =>
        collections.ToDictionary(c => c.Name, c => (IReadOnlyDictionary<string, double>)new Dictionary<string, double> { ["ndcg@10"] = c.Ndcg, ["recall@100"] = c.Recall });
}
