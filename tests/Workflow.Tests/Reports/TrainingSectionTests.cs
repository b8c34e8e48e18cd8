using System.Globalization;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Trainer.Training;
using Trainer.Training.Watching;
using Workflow.Reports;
using Workflow.Reports.Training;
using Xunit;

namespace Workflow.Tests.Reports;

/// <summary>The training part of the report: that its pictures and tables show the series, and nothing else.</summary>
public sealed class TrainingSectionTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tables_HoldTheValuesOfTheSeries()
    {
        var page = await PageAsync(ExampleTraining.Degrading);
        var log = ExampleTraining.Degrading;
        var (heads, rows) = Table(page, "Loss, rate and nDCG@10 at evaluations");
        Assert.Equal(["step", "training loss", "loss of dev", "learning rate", "nDCG@10 of dev", "nDCG@10 of miracl", "nDCG@10 of nfcorpus", "mean nDCG@10"], heads);
        Assert.Equal(20, rows.Count);
        Assert.Equal("50 (best)", rows[2][0]);
        Assert.Equal("–", rows[0][1]);
        Assert.Equal(Text(Point(log, "miracl_ndcg@10", 125)), rows[5][5]);
        Assert.Equal(Text(log.Points.Where(p => p.Key == "train_loss" && p.Step is > 100 and <= 125).Average(p => p.Value)), rows[5][1]);
        Assert.Equal(Text(Point(log, "dev_loss", 470)), rows[^1][2]);

        var fan = Table(page, "Percentiles of the cosines").Rows.Single(r => r[0] == "200" && r[1] == "hard negative");
        var percentiles = log.Histograms.Single(h => h.Step == 200 && h.Kind == WatchKeys.HardNegative).Percentiles!;
        Assert.Equal(new[] { percentiles.P1, percentiles.P5, percentiles.P50, percentiles.P95, percentiles.P99 }.Select(Text), fan.Skip(2));

        var hill = Table(page, "Means of the cosines, with their standard deviation").Rows.Single(r => r[0] == "50" && r[1] == "in-batch negative");
        var histogram = log.Histograms.Single(h => h.Step == 50 && h.Kind == WatchKeys.InBatch);
        Assert.Equal(["50", "in-batch negative", "4,000", Text(histogram.Mean), Text(histogram.Deviation)], hill);
    }

    [Fact]
    public async Task Lines_LieWhereTheSeriesSays()
    {
        var page = await PageAsync(ExampleTraining.Degrading);
        var picture = page.QuerySelector("svg[aria-labelledby^='training0-found-t']")!;
        var lines = picture.QuerySelectorAll("path.line").Select(p => Points(p.GetAttribute("d")!)).ToList();
        Assert.Equal(6, lines.Count);
        foreach (var (line, key) in lines.Zip(["dev_recall@100", "miracl_recall@100", "nfcorpus_recall@100", "dev_mrr@10", "miracl_mrr@10", "nfcorpus_mrr@10"]))
        {
            var series = ExampleTraining.Degrading.Points.Where(p => p.Key == key).ToList();
            Assert.Equal(series.Count, line.Count);
            AssertLinear(series.Select(p => (double)p.Step), line.Select(p => p.X), rising: true);
            AssertLinear(series.Select(p => p.Value), line.Select(p => p.Y), rising: false);
        }
    }

    [Fact]
    public async Task Marks_StandAtTheirSteps()
    {
        var page = await PageAsync(ExampleTraining.Going);
        var svg = page.QuerySelector("svg[aria-labelledby^='training0-overview-wide-t']")!;
        var learning = svg.QuerySelectorAll("path.line.s6")[^1];
        var rate = Points(learning.GetAttribute("d")!);
        double X(double step) => rate[0].X + ((step - 1) / (ExampleTraining.Steps - 1) * (rate[^1].X - rate[0].X));
        Assert.All(svg.QuerySelectorAll(".warmup"), w => Assert.Equal(X(ExampleTraining.Warmup), Value(w, "x1"), 1));
        Assert.Equal(3, svg.QuerySelectorAll(".warmup").Length);
        var bands = svg.QuerySelectorAll(".band").ToList();
        Assert.Equal([X(0), X(200)], bands.Select(b => Value(b, "x")), (a, b) => Math.Abs(a - b) < 0.1);
        Assert.Equal(X(ExampleTraining.Steps), Value(bands[1], "x") + Value(bands[1], "width"), 1);
        Assert.Equal(["contrastive pre-training", "fine-tuning with hard negatives"], svg.QuerySelectorAll(".band-name").Select(t => t.TextContent));
        Assert.Equal(3, svg.QuerySelectorAll(".checkpoint").Length);
        Assert.Equal(X(ExampleTraining.Steps), Value(svg.QuerySelector(".ring")!, "cx"), 1);
        Assert.Empty(svg.QuerySelectorAll(".flag, .alarm"));
        Assert.Contains("Warm-up ends at step 47. Best evaluation at step 470. 3 checkpoints.", svg.QuerySelector("desc")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Alarms_AreFlaggedInThePicture_AndToldInWords()
    {
        var page = await PageAsync(ExampleTraining.Degrading);
        var alarms = ExampleTraining.Degrading.Marks.Where(m => m.Kind == TrainingMarks.Alarm).ToList();
        Assert.Equal(["TASK_MISMATCH", "LOSS_METRIC_DIVERGENCE", "PEAK_AT_WARMUP", "SHIFT"], alarms.Select(a => a.Name).Distinct());
        var told = page.QuerySelectorAll(".alarms li").ToList();
        Assert.Equal(alarms.Count, told.Count);
        foreach (var (item, alarm) in told.Zip(alarms))
        {
            Assert.Equal(alarm.Name, item.QuerySelector("strong")!.TextContent);
            Assert.Contains(alarm.Text!, item.TextContent, StringComparison.Ordinal);
            Assert.Contains("What to do. " + alarm.Advice, item.TextContent, StringComparison.Ordinal);
        }

        foreach (var id in new[] { "training0-overview-t", "training0-overview-wide-t" })
        {
            var svg = page.QuerySelector($"svg[aria-labelledby^='{id}']")!;
            Assert.Equal(Enumerable.Range(1, alarms.Count).Select(n => n.ToString()), svg.QuerySelectorAll(".flag-number").Select(t => t.TextContent));
            // No flag lies on another.
            var flags = svg.QuerySelectorAll("circle.flag").Select(f => (X: Value(f, "cx"), Y: Value(f, "cy"))).ToList();
            Assert.All(flags, f => Assert.All(flags, g => Assert.True(f == g || Math.Abs(f.X - g.X) + Math.Abs(f.Y - g.Y) >= 17)));
        }

        var log = ExampleTraining.Degrading;
        // The picture's smooth line: nine steps around each.
        string Loss(int after, int until) => log.Points.Where(p => p.Key == "train_loss" && p.Step > after && p.Step <= until).Average(p => p.Value).ToString("0.00", CultureInfo.InvariantCulture);
        var (best, last) = (Point(log, "mean_ndcg@10", 50), Point(log, "mean_ndcg@10", 470));
        Assert.Equal($"In 470 steps the training loss went from {Loss(0, 5)} to {Loss(465, 470)}; the held-out loss went from 4.42 to 0.53. Mean nDCG@10 was best at step 50 ({best:0.000}) and {best - last:0.000} worse at the end ({last:0.000}). 4 alarms sounded.",
            page.QuerySelector(".story")!.TextContent);
    }

    [Fact]
    public async Task Measures_AreToldWithTheirAlarm_OrAlone()
    {
        var log = new TrainingLog();
        log.Points.Add(new("dev_ndcg@10", 5, 0.4));
        log.Marks.Add(new(TrainingMarks.Alarm, 5, "SHIFT") { Text = "moved" });
        log.Marks.Add(new(TrainingMarks.Action, 5, "roll_back") { Text = "SHIFT: back to step 3, rate times 0.5." });
        log.Marks.Add(new(TrainingMarks.Action, 9, "stop") { Text = "dev_ndcg@10 has not improved" });
        var page = await PageAsync(log);
        Assert.Equal(["SHIFT step 5 · rolled back to the best", "training ended step 9"], page.QuerySelectorAll(".alarms .told").Select(t => t.TextContent));
    }

    [Fact]
    public async Task Page_ShowsWhatThereIs_OfOlderAndEmptyTrainings()
    {
        var older = new TrainingLog();
        older.Points.AddRange(Enumerable.Range(1, 30).SelectMany(s => new MetricPoint[] { new("train_loss", s, 3.0 / s), new("learning_rate", s, s < 4 ? s : 5 - (s * 0.1)), new("a_new_term", s, s) }));
        older.Points.AddRange([new("dev_loss", 30, 1), new("dev_ndcg@10", 30, 0.5)]);
        older.Histograms.Add(new CosineHistogram(30, "positive", 0.5, 0.1, [0, 1, 2, 1]));
        var page = await PageAsync(older);
        Assert.Empty(page.QuerySelectorAll("svg[aria-labelledby^='training0-fans']"));
        Assert.Single(page.QuerySelectorAll("svg[aria-labelledby^='training0-ridge']"));
        Assert.Contains("a new term", Table(page, "Further series").Heads);
        // The end of warm-up is read off the rates.
        Assert.Contains("Warm-up ends at step 4.", page.QuerySelector("svg desc")!.TextContent, StringComparison.Ordinal);

        var empty = await PageAsync(new TrainingLog());
        Assert.Equal("Nothing was measured on held-out queries.", empty.QuerySelector(".story")!.TextContent);
        Assert.All(empty.QuerySelectorAll("#training svg"), s => Assert.Contains("No points yet", s.TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void View_SmoothsLongSeriesOnly_AndKeepsTheirMean()
    {
        var log = new TrainingLog();
        log.Points.AddRange(Enumerable.Range(1, 1000).Select(s => new MetricPoint("train_loss", s, s % 2)));
        log.Points.AddRange(Enumerable.Range(1, 60).Select(s => new MetricPoint("grad_norm", s, s % 2)));
        var view = new TrainingView(log);
        Assert.Equal(view.Series("grad_norm"), view.Smooth("grad_norm"));
        Assert.All(view.Smooth("train_loss").Skip(20).SkipLast(20), p => Assert.Equal(0.5, p.Value, 0.03));
        Assert.Equal(1000, view.Smooth("train_loss").Count);
    }

    static async Task<IDocument> PageAsync(TrainingLog log) =>
        new HtmlParser().ParseDocument(await ReportBuilder.BuildAsync(new ReportModel { Title = "t", Trainings = [new("round 0", log)] }, Cancel));

    static (List<string> Heads, List<List<string>> Rows) Table(IDocument page, string caption)
    {
        var table = page.QuerySelectorAll("#training table").First(t => t.QuerySelector("caption")!.TextContent == caption);
        return ([.. table.QuerySelectorAll("thead th").Select(h => h.TextContent)], [.. table.QuerySelectorAll("tbody tr").Select(r => r.Children.Select(c => c.TextContent).ToList())]);
    }

    static double Point(TrainingLog log, string key, long step) => log.Points.Single(p => p.Key == key && p.Step == step).Value;

    static string Text(double value) => value.ToString("0.0000", CultureInfo.InvariantCulture).Replace('-', '−');

    static double Value(IElement element, string name) => double.Parse(element.GetAttribute(name)!, CultureInfo.InvariantCulture);

    static List<(double X, double Y)> Points(string d) => [.. d.Split('M', 'L').Skip(1).Select(p => p.Split(' ')).Select(p => (double.Parse(p[0], CultureInfo.InvariantCulture), double.Parse(p[1], CultureInfo.InvariantCulture)))];

    // Drawn coordinates are the values, moved and stretched: every one within a hundredth's rounding of the line through the lowest and the highest.
    static void AssertLinear(IEnumerable<double> values, IEnumerable<double> drawn, bool rising)
    {
        var pairs = values.Zip(drawn).ToList();
        var (low, high) = (pairs.MinBy(p => p.First), pairs.MaxBy(p => p.First));
        Assert.True(rising ? high.Second > low.Second : high.Second < low.Second);
        var slope = (high.Second - low.Second) / (high.First - low.First);
        Assert.All(pairs, p => Assert.Equal(low.Second + (slope * (p.First - low.First)), p.Second, 0.02));
    }
}
