using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Trainer.Training;
using Workflow.Reports;
using Workflow.Tests.Dashboard;
using Xunit;

namespace Workflow.Tests.Reports;

public sealed class ReportBuilderTests
{
    const string Hostile = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>&\u0000\u001b";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Report_IsTheSameBytes_ForTheSameModel() =>
        Assert.Equal(await ReportBuilder.BuildAsync(ExampleReport.Model, Cancel), await ReportBuilder.BuildAsync(ExampleReport.Model, Cancel));

    [Fact]
    public async Task Report_HasEverySectionAndNoOutsideReference()
    {
        var page = Parse(await ReportBuilder.BuildAsync(ExampleReport.Model, Cancel));
        Assert.Equal(["scores", "training", "corpus", "mining", "queries", "samples", "lineage", "settings", "notes"], page.QuerySelectorAll("section").Select(s => s.Id!));
        Assert.Empty(page.QuerySelectorAll("script, link, img, iframe, object, embed, [style], [src]"));
        Assert.All(page.QuerySelectorAll("[href]"), a => Assert.NotNull(page.QuerySelector(a.GetAttribute("href")!)));
        Assert.DoesNotContain("url(", page.QuerySelector("style")!.TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("@import", page.QuerySelector("style")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_LeadsWithTheAnswer()
    {
        var page = Parse(await ReportBuilder.BuildAsync(ExampleReport.Model, Cancel));
        Assert.Equal("The model finds a right document first for 39\u00a0% of queries; BM25 for 18\u00a0%; the hybrid for 40\u00a0%.", page.QuerySelector(".answer")!.TextContent);
        Assert.Equal("The model leads BM25 by 0.236 nDCG@10, more than chance would give (95\u00a0% interval of the difference 0.209 to 0.263).", page.QuerySelector(".certainty")!.TextContent);
    }

    [Fact]
    public async Task Report_ShowsEveryScoreOfTheModel()
    {
        var page = Parse(await ReportBuilder.BuildAsync(ExampleReport.Model, Cancel));
        var cells = page.QuerySelectorAll("#scores td.num").Select(c => c.TextContent).ToList();
        foreach (var score in ExampleReport.Model.Rounds.SelectMany(r => r.Scores))
        {
            Assert.Contains(cells, c => c.Contains(score.Value.ToString("0.000"), StringComparison.Ordinal) && c.Contains($"{score.Low:0.000}–{score.High:0.000}", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Report_NamesEachPictureAndEachIdOnce()
    {
        var page = Parse(await ReportBuilder.BuildAsync(ExampleReport.Model, Cancel));
        var pictures = page.QuerySelectorAll("svg");
        Assert.Equal(26, pictures.Length);
        foreach (var svg in pictures)
        {
            var named = svg.GetAttribute("aria-labelledby")!.Split(' ').Select(id => page.GetElementById(id)!.TextContent).ToList();
            Assert.Equal(2, named.Count);
            Assert.All(named, n => Assert.NotEqual("", n));
        }

        var ids = page.QuerySelectorAll("[id]").Select(e => e.Id).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public async Task Report_ShowsMarkupAsText_WhereverItStands()
    {
        var log = new TrainingLog();
        log.Points.AddRange([new("train_loss", 1, 2), new("train_loss", 2, 1), new(Hostile + "_ndcg@10", 2, 0.5), new(Hostile, 2, 0.5)]);
        log.Histograms.Add(new CosineHistogram(2, Hostile, 0, 1, [1, 2]));
        log.Marks.AddRange([new(TrainingMarks.Phase, 0, Hostile), new(TrainingMarks.Alarm, 2, Hostile) { Text = Hostile, Advice = Hostile }, new(TrainingMarks.Action, 2, Hostile) { Text = Hostile }]);
        var model = new ReportModel
        {
            Title = Hostile,
            Description = Hostile,
            Settings = [new(Hostile, Hostile, Hostile)],
            Corpus = new ReportCorpus { Documents = 1, Rejects = [new(Hostile, 1)], Pairs = [new(Hostile, Hostile, 2)], Negatives = [new(Hostile, 3)] },
            Rounds = [new(Hostile, Hostile, 1, [new(Hostile, Hostile, 0.5, 0.4, 0.6)])],
            Differences = [new(Hostile, Hostile, Hostile, 0.1, 0, 0.2)],
            Trainings = [new(Hostile, log)],
            Mining = [new(Hostile, [new("", Hostile, Hostile)], [], [new(Hostile, 4)])],
            Lineage = new([new("a", "artifact", Hostile, Hostile, Hostile), new("b", "stage", Hostile)], [("a", "b")]),
            Samples = [new(Hostile, [Hostile], [[Hostile]])],
            Queries = [new(Hostile, 0, 1, Hostile, Hostile, Hostile)],
            Notes = [Hostile],
        };
        var html = await ReportBuilder.BuildAsync(model, Cancel);
        var page = Parse(html);
        Assert.Empty(page.QuerySelectorAll("script, img, [onerror]"));
        Assert.StartsWith("<script>alert('x')</script>\"><img", page.QuerySelector("h1")!.TextContent, StringComparison.Ordinal);
        Assert.Contains(page.QuerySelectorAll("#samples td"), c => c.TextContent.Contains("onerror=alert(1)", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', string.Concat(page.QuerySelectorAll("svg").Select(s => s.OuterHtml)));
    }

    [Fact]
    public async Task Report_SaysThatNothingWasEvaluated_WhenEmpty()
    {
        var page = Parse(await ReportBuilder.BuildAsync(new ReportModel { Title = "empty" }, Cancel));
        Assert.Equal("Nothing was evaluated in this run.", page.QuerySelector(".answer")!.TextContent);
        Assert.Empty(page.QuerySelectorAll("section"));
    }

    [Fact]
    public async Task Report_KeepsOtherScriptsAsTheyAre()
    {
        var html = await ReportBuilder.BuildAsync(ExampleReport.Model, Cancel);
        Assert.Contains("資料庫連線", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_FitsAPhone_WithoutScripts()
    {
        await using var browser = await Browser.StartAsync();
        var file = Path.Combine(Directory.CreateTempSubdirectory("report").FullName, "report.html");
        await ReportBuilder.WriteAsync(ExampleReport.Model, file, Cancel);
        var (page, errors) = await browser.OpenAsync("file://" + file, 390, scripts: false);
        var box = await page.Locator("main").BoundingBoxAsync();
        Assert.Equal(390, box!.Width);
        foreach (var figure in await page.Locator("figure").AllAsync())
        {
            var inside = await figure.BoundingBoxAsync();
            Assert.True(inside!.X >= 0 && inside.X + inside.Width <= 390, $"a figure spans {inside.X} to {inside.X + inside.Width} of 390 pixels");
        }

        Assert.Empty(errors);
        await browser.PicturesAsync("file://" + file, "report");
    }

    static IDocument Parse(string html) => new HtmlParser(new HtmlParserOptions { IsStrictMode = false }).ParseDocument(html);
}
