using Microsoft.Playwright;
using Workflow.Dashboard;
using Workflow.Dashboard.RunPages;
using Workflow.Runs;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The pages of trainings.</summary>
public sealed class TrainingPagesTests(RunPagesFixture fixture) : IClassFixture<RunPagesFixture>
{
    const string Page = $"/training/{SeededHome.Finished}/train";

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task List_ShowsWhatRunsFirst_WithItsCurveBestAndAlarms()
    {
        var page = await fixture.DocumentAsync("/training");
        Assert.Equal(["nightly: train"], page.QuerySelectorAll("[aria-label='Trainings that run now'] tbody th > a").Select(a => a.TextContent));
        var row = page.QuerySelectorAll("[aria-label='Trainings, newest run first'] tbody tr").Single(r => r.TextContent.Contains("quickstart: train", StringComparison.Ordinal));
        Assert.NotNull(row.QuerySelector("svg.spark path"));
        Assert.Contains("0.4083", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("nDCG@10 of dev, step 1,200", row.TextContent, StringComparison.Ordinal);
        Assert.Equal("1", row.QuerySelector(".badge.bad")!.TextContent);
        Assert.Contains("5,", row.TextContent, StringComparison.Ordinal);
        Assert.Contains("pairs/s", row.TextContent, StringComparison.Ordinal);

        var first = await fixture.DocumentAsync("/training?size=10");
        Assert.Null(first.QuerySelector("a[rel=next]"));
        using var empty = new TestHome();
        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = empty.Root, Url = "http://127.0.0.1:0" }, null, null, Cancel);
        using var http = new HttpClient();
        Assert.Contains("Nothing has been trained here yet", await http.GetStringAsync(new Uri(host.Address + "/training"), Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Training_TellsItsWholeStory_WithoutScripts()
    {
        var page = await fixture.DocumentAsync(Page);
        Assert.Equal(
            ["Loss", "nDCG@10", "Recall@100", "Learning rate", "Gradient norm", "Alignment and uniformity: lower is closer, and more even", "Mean cosines", "AUC: a positive above a negative", "Masked share of the candidates", "Pairs a second", "Tokens a second", "Memory, bytes"],
            page.QuerySelectorAll(".curves figcaption").Select(c => c.TextContent));
        Assert.All(page.QuerySelectorAll(".curves figure"), f => Assert.NotNull(f.QuerySelector("svg path.line")));
        var first = page.QuerySelector(".curves figure svg")!;
        Assert.Equal(["contrastive", "hard negatives"], first.QuerySelectorAll("text.band-name").Select(t => t.TextContent));
        Assert.Equal(["1", "2"], first.QuerySelectorAll("text.flag-number").Select(t => t.TextContent));
        Assert.Equal(4, first.QuerySelectorAll("path.checkpoint").Length);
        Assert.NotEmpty(first.QuerySelectorAll("line.resume"));

        // The alarm that the killed attempt told at step 900, beyond the checkpoint of step 800, never happened.
        Assert.Equal(["out of memory", "LOSS METRIC DIVERGENCE", "roll back"], page.QuerySelectorAll(".alarms li b").Select(b => b.TextContent));
        Assert.Contains("policy: roll back to the best", page.QuerySelectorAll(".alarms li")[1].TextContent, StringComparison.Ordinal);
        Assert.Contains(SeededHome.Hostile, page.QuerySelectorAll(".alarms li")[1].TextContent, StringComparison.Ordinal);
        Assert.Contains("Resumed from step 800 after its process was killed or fell silent", page.QuerySelector("ul.plain")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(["positives", "hard negatives", "in-batch negatives", "Newest, step 2,000"], page.QuerySelectorAll(".plots figcaption").Select(c => c.TextContent));
        Assert.All(page.QuerySelectorAll(".plots figure").Take(3), f => Assert.Equal(3, f.QuerySelectorAll("path.percentile").Length));
        Assert.Contains("Median from 0.350 at step 0 to 0.720 at step 2000", page.QuerySelector("#h-positive-d")!.TextContent, StringComparison.Ordinal);
        Assert.Equal($"/artifacts/{SeededHome.Hash("report")}/report", page.QuerySelector(".headline a.button")!.GetAttribute("href"));
        Assert.Contains("shards", page.QuerySelector("[aria-label='Trained on']")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Curves_FollowTheLedger_ZoomIntoFinerPoints_AndLieOverAnother()
    {
        if (DashboardAssets.Missing.Count > 0)
        {
            Assert.Skip($"needs the browser scripts: {string.Join(", ", DashboardAssets.Missing)}");
        }

        var browser = await fixture.BrowserAsync();
        foreach (var (name, path) in new[] { ("trainings", "/training"), ("training", Page), ("training-with", $"{Page}?with={SeededHome.Live}/train") })
        {
            var (still, faults) = await browser.OpenAsync(fixture.Host.Address + path);
            await Assertions.Expect(still.Locator("[data-link]")).ToHaveTextAsync("live");
            await Axe.AssertNothingSeriousAsync(still);
            Assert.Equal(0, await still.Locator("main img, main script").CountAsync());
            Assert.Empty(faults);
            await still.Context.CloseAsync();
            await browser.PicturesAsync(fixture.Host.Address + path, name);
        }

        var (page, errors) = await browser.OpenAsync($"{fixture.Host.Address}/training/{SeededHome.Live}/train?with={SeededHome.Finished}/train");
        var curves = page.Locator("[data-curves]");
        await Assertions.Expect(curves.Locator(".uplot").First).ToBeVisibleAsync();
        var before = int.Parse((await curves.GetAttributeAsync("data-points"))!);
        fixture.Home.Step(436, 0.8);
        fixture.Tell("training.COLLAPSE", new { step = 436, text = "all one direction", policy = "stop" });
        await Assertions.Expect(curves).ToHaveAttributeAsync("data-points", (before + 1).ToString());
        await Assertions.Expect(curves).ToHaveAttributeAsync("data-alarms", "1");
        await Assertions.Expect(page.Locator(".alarms")).ToContainTextAsync("policy: stop the training");

        // Dragging over the first tenth of the steps brings each of their points, of both trainings.
        var plot = curves.Locator("figure").First.Locator(".u-over");
        var box = (await plot.BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(box.X + 2, box.Y + 60);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + (box.Width / 10), box.Y + 60, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        await Assertions.Expect(curves.Locator("figure").First).ToHaveAttributeAsync("data-zoom", new System.Text.RegularExpressions.Regex(@"^\d\d\d$"));
        await plot.DblClickAsync();
        await Assertions.Expect(curves.Locator("figure[data-zoom]")).ToHaveCountAsync(0);
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Curve_OfALongSeries_KeepsItsLowestAndHighest_AndWhatAResumeLeft()
    {
        using var home = new SeededHome();
        const long Points = 200_000;
        home.Ledger.Write(db =>
        {
            db.Execute("INSERT INTO metric_series(series_id, run_id, node_id, key) VALUES (99, ?1, 'train', 'long')", SeededHome.Live);
            db.Execute("WITH RECURSIVE c(x) AS (SELECT 0 UNION ALL SELECT x+1 FROM c WHERE x<?1-1) INSERT INTO metric_point SELECT 99, x, 1, 0, CASE x WHEN 77777 THEN 9 WHEN 123456 THEN -9 WHEN 5 THEN NULL ELSE x%7 END FROM c", Points);
        });
        var curve = home.Ledger.Read(db => MetricQueries.Points(db, 99, -1));
        Assert.InRange(curve.Count, 900, 1_100);
        Assert.Equal((-9.0, 9.0), (curve.Min(p => p.Value), curve.Max(p => p.Value)));
        Assert.Equal(curve.Select(p => p.Step).Order(), curve.Select(p => p.Step));
        var near = home.Ledger.Read(db => MetricQueries.Points(db, 99, 77_699, until: 77_899));
        Assert.Equal(200, near.Count);
        Assert.Contains((77_777.0, 9.0), near);

        // Taken up again from step 150,000: what lay beyond it is gone from the curve, too.
        home.Ledger.Write(db => NodeClaims.DropStalePoints(db, SeededHome.Live, "train", 2, 150_000));
        Assert.Equal(150_000, home.Ledger.Read(db => MetricQueries.Points(db, 99, -1))[^1].Step);
        Assert.Equal("0|0", await SqliteShell.RunAsync(new Workflow.Artifacts.HomePaths(home.Root).Ledger, """
            WITH fresh AS (SELECT series_id, width, step/width AS bucket, count(*) AS n, min(value) AS low, max(value) AS high FROM metric_point, (SELECT 32 AS width UNION SELECT 4096) GROUP BY 1, 2, 3)
            SELECT (SELECT count(*) FROM (SELECT * FROM fresh EXCEPT SELECT * FROM metric_rollup)), (SELECT count(*) FROM (SELECT * FROM metric_rollup EXCEPT SELECT * FROM fresh))
            """, Cancel));
    }
}
