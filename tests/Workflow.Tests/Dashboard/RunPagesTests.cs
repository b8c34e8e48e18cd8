using Microsoft.Playwright;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard;
using Workflow.Dashboard.RunPages;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The pages of runs and their nodes.</summary>
public sealed class RunPagesTests(RunPagesFixture fixture) : IClassFixture<RunPagesFixture>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_ShowsEachStageOverTime_WithItsTriesAndWhatWasReused()
    {
        var finished = await fixture.DocumentAsync($"/runs/{SeededHome.Finished}");
        var lanes = finished.QuerySelectorAll(".only-wide .gantt a.row, .gantt.only-wide a.row");
        Assert.Equal(["ingest", "pairs", "vocabulary", "mine", "shard", "train", "evaluate", "report"], lanes.Select(l => l.QuerySelector("text.label")!.TextContent));
        Assert.Equal(lanes.Select(l => l.QuerySelector("text.label")!.TextContent), finished.QuerySelectorAll(".gantt.only-narrow a.row text.label").Select(t => t.TextContent));
        Assert.Equal(2, lanes[3].QuerySelectorAll("rect.bar").Length);
        Assert.Single(lanes[3].QuerySelectorAll("rect.bar.bad"));
        Assert.NotNull(lanes[3].QuerySelector("line.retry"));
        Assert.Contains("mine, attempt 1: failed (transient), 3.0 s", lanes[3].TextContent, StringComparison.Ordinal);
        Assert.Contains("the corpus grew", finished.QuerySelector(".facts-list")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(["BM25", "0.2799", "0.2371", "model", "0.4764 [0.451, 0.501]", "0.4305"], finished.QuerySelectorAll("[aria-label='Scores of evaluate, table'] tbody th, [aria-label='Scores of evaluate, table'] tbody td").Select(c => c.TextContent.Trim()));

        var live = await fixture.DocumentAsync($"/runs/{SeededHome.Live}");
        Assert.Equal(["ingest", "pairs"], live.QuerySelectorAll(".gantt.only-wide a.row").Where(r => r.QuerySelector("path.reuse") is not null).Select(r => r.QuerySelector("text.label")!.TextContent));
        Assert.Matches(@"steps/(s|min|h), .* left", live.QuerySelectorAll("[aria-label='Stages'] tr").Single(r => r.TextContent.Contains(" / 1,200", StringComparison.Ordinal)).TextContent);
    }

    [Fact]
    public async Task Run_FoldsItsPartitions_WhateverTheirNumber()
    {
        var page = await fixture.DocumentAsync($"/runs/{RunPagesFixture.Wide}");
        Assert.Contains("1,200/3,000", page.QuerySelector(".graph")!.TextContent, StringComparison.Ordinal);
        var lane = page.QuerySelectorAll(".gantt.only-wide a.row")[1];
        Assert.NotNull(lane.QuerySelector("path.density"));
        Assert.Matches(@"up to \d+ at once", lane.TextContent);
        Assert.Equal([("split", "embed"), ("embed", "index")], fixture.Home.Ledger.Read(db => RunPageQueries.Run(db, RunPagesFixture.Wide))!.Edges);
        Assert.Equal(["45 failed", "15 running"], page.QuerySelectorAll("[aria-label='Stages'] a.badge").Select(a => a.TextContent));
        var errors = page.QuerySelectorAll("details.fault");
        Assert.Equal(5, errors.Length);
        Assert.Contains("expected a text", errors[0].QuerySelector("pre")!.TextContent, StringComparison.Ordinal);
        Assert.Contains(SeededHome.Hostile, errors[0].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_AreAllReached_PageByPageOfOneState()
    {
        var address = $"/runs/{RunPagesFixture.Wide}/nodes/embed?state=failed&size=20";
        var seen = new List<string>();
        for (var pages = 0; address is not null && pages < 9; pages++)
        {
            var page = await fixture.DocumentAsync(address);
            Assert.True(page.QuerySelector("details.list")!.HasAttribute("open"));
            seen.AddRange(page.QuerySelectorAll("[aria-label='Partitions'] tbody th").Select(t => t.TextContent));
            address = page.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(Enumerable.Range(1200, RunPagesFixture.Failed).Select(i => $"embed/{i:00000}"), seen);
        var all = await fixture.DocumentAsync($"/runs/{RunPagesFixture.Wide}/nodes/embed");
        Assert.Equal("01200", all.QuerySelector(".tiles .bad a")!.TextContent);
        Assert.StartsWith("160 of 3,000", all.QuerySelector(".tiles + p")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Log_IsOne_FilteredAndDownloadedWhole()
    {
        var page = await fixture.DocumentAsync($"/runs/{SeededHome.Live}");
        var nodes = page.QuerySelectorAll("#log .log > div a").Select(a => a.TextContent).ToList();
        Assert.Contains("vocabulary", nodes);
        Assert.Contains("train", nodes);
        var filtered = await fixture.DocumentAsync($"/runs/{SeededHome.Live}?stage=train&text=LOSS%202.000&follow=off");
        Assert.Equal(["step 20 loss 2.000"], filtered.QuerySelectorAll("#log .log > div span").Select(s => s.TextContent));
        Assert.Null(filtered.QuerySelector("#log .live"));
        var text = await fixture.Http.GetStringAsync(new Uri($"/runs/{SeededHome.Live}/log.txt", UriKind.Relative), Cancel);
        var expected = (await SqliteShell.RunAsync(fixture.Paths.Ledger, $"SELECT count(*) FROM attempt_log JOIN attempt USING(attempt_id) WHERE run_id='{SeededHome.Live}'", Cancel)).Trim();
        Assert.Equal(expected, text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length.ToString());
        Assert.Contains($" train#1 {SeededHome.Hostile}\n", text, StringComparison.Ordinal);
        Assert.Contains(" mine#1 read by mine\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Node_TellsEachStateItWasIn_WithReasonsAndErrors()
    {
        var page = await fixture.DocumentAsync($"/runs/{SeededHome.Finished}/nodes/mine");
        var cards = page.QuerySelectorAll(".cards > li");
        Assert.Equal(["succeeded", "running", "retry wait", "running"], cards.Take(4).Select(c => c.QuerySelector(".badge")!.TextContent));
        Assert.Equal("waiting", cards[^1].QuerySelector(".badge")!.TextContent);
        var failed = cards[2];
        Assert.StartsWith($"System.IO.IOException: {SeededHome.Hostile}", failed.QuerySelector("summary")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("at Reader.Read()", failed.QuerySelector("pre")!.TextContent, StringComparison.Ordinal);
        Assert.Equal(["Duration", "3.0 s", "Class", "transient"], failed.QuerySelectorAll("dt, dd").Select(d => d.TextContent));
        Assert.Contains("process 4710", cards[3].TextContent, StringComparison.Ordinal);
        Assert.Equal(["ingest", "pairs"], page.QuerySelectorAll(".around > div:first-child a").Select(a => a.TextContent).Where(a => !a.Contains('/')));
        Assert.Contains("shard", page.QuerySelector(".around > div:last-child")!.TextContent, StringComparison.Ordinal);

        var train = await fixture.DocumentAsync($"/runs/{SeededHome.Finished}/nodes/train");
        Assert.Equal("train:\n  uses: train\n  from:\n    shards: [shard.shards]\n  retry:\n    losses: 20\n  with:\n    training:\n      batch_size: 64\n      device: cpu\n    passage: content", train.QuerySelector("pre.call")!.TextContent);
        Assert.Contains("prompt: null", train.QuerySelector("pre.call + details pre")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("800", train.QuerySelectorAll(".cards dt").Single(d => d.TextContent == "Resumed from step").NextElementSibling!.TextContent);
    }

    [Fact]
    public void Node_WarnsFirst_WhenItsServerIsSilentOrGone()
    {
        using var home = new SeededHome();
        home.Ledger.Write(db => db.Execute("UPDATE attempt SET seen_us=?1 WHERE attempt_id='live-train-1'", TimeProvider.System.Micros() - 90_000_000));
        var node = () => home.Ledger.Read(db => NodePageQueries.Node(db, SeededHome.Live, "train", TimeProvider.System.GetUtcNow()))!;
        Assert.StartsWith("No heartbeat since", Assert.Single(node().Alerts).Text, StringComparison.Ordinal);
        home.Ledger.Write(db => db.Execute("UPDATE worker SET ended_us=1"));
        Assert.StartsWith("The server that works on it is gone", Assert.Single(node().Alerts).Text, StringComparison.Ordinal);
        home.Ledger.Write(db => db.Execute("UPDATE blob SET state='doomed', doomed_us=1000000 WHERE hash=?1", SeededHome.Hash("tokenizer")));
        var doomed = home.Ledger.Read(db => NodePageQueries.Node(db, SeededHome.Finished, "vocabulary", TimeProvider.System.GetUtcNow()))!;
        Assert.Contains("marked for collection at 1970-01-01 00:00:01 UTC", Assert.Single(doomed.Alerts).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_AreSoundInABrowser_AndFollowTheLedger()
    {
        var browser = await fixture.BrowserAsync();
        foreach (var (name, path) in new[] { ("run", $"/runs/{SeededHome.Finished}"), ("run-wide", $"/runs/{RunPagesFixture.Wide}"), ("run-failed", $"/runs/{SeededHome.Failed}"), ("node-tried", $"/runs/{SeededHome.Finished}/nodes/mine"), ("node-wide", $"/runs/{RunPagesFixture.Wide}/nodes/embed?state=failed") })
        {
            var (still, faults) = await browser.OpenAsync(fixture.Host.Address + path);
            await Axe.AssertNothingSeriousAsync(still);
            Assert.Empty(faults);
            Assert.NotEqual("owned", await still.TitleAsync());
            Assert.Equal(0, await still.Locator("main img, main script").CountAsync());
            await still.Context.CloseAsync();
            await browser.PicturesAsync(fixture.Host.Address + path, name);
        }

        var (page, errors) = await browser.OpenAsync($"{fixture.Host.Address}/runs/{SeededHome.Live}");
        await Assertions.Expect(page.Locator("[data-link]")).ToHaveTextAsync("live");
        await page.EvaluateAsync("window.same = true");
        fixture.Home.Step(430, 0.777);
        await Assertions.Expect(page.Locator("#log .log")).ToContainTextAsync("step 430 loss 0.777");
        await Assertions.Expect(page.Locator("[aria-label='Stages']")).ToContainTextAsync("430 / 1,200 steps");
        Assert.True(await page.EvaluateAsync<bool>("window.same"));
        await page.Locator(".gantt.only-wide a.row").First.PressAsync("Enter");
        await page.WaitForURLAsync(url => url.EndsWith("/nodes/ingest", StringComparison.Ordinal));
        Assert.Empty(errors);
        await page.Context.CloseAsync();
        await browser.PicturesAsync($"{fixture.Host.Address}/runs/{SeededHome.Live}", "run-live");
    }

    [Fact]
    public async Task Cancel_IsFollowedFromAskedToDone()
    {
        using var home = new SeededHome();
        var acts = new DashboardActions(new HomePaths(home.Root), TimeProvider.System, TimeSpan.FromMinutes(10));
        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Root, Url = "http://127.0.0.1:0", Refresh = TimeSpan.FromMilliseconds(200) }, acts, null, Cancel);
        var (page, errors) = await (await fixture.BrowserAsync()).OpenAsync($"{host.Address}/runs/{SeededHome.Live}");
        await page.GetByText("Cancel…").ClickAsync();
        await page.Locator("details.act[open] input[name=reason]").FillAsync("wrong corpus");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the run" }).ClickAsync();
        await Assertions.Expect(page.Locator(".story")).ToContainTextAsync("wrong corpus");
        await Assertions.Expect(page.Locator(".story")).ToContainTextAsync("not acknowledged yet");
        Assert.Equal($"cancel|{SeededHome.Live}|wrong corpus|1", await SqliteShell.RunAsync(new HomePaths(home.Root).Ledger,
            $"SELECT action, target, a.reason, r.cancel_requested_us IS NOT NULL FROM audit a JOIN run r ON r.run_id=a.target", Cancel));

        // What its executor would do: it stops the attempt, and with the last one the run ends.
        home.Ledger.Write(db =>
        {
            var now = TimeProvider.System.Micros();
            db.Execute("UPDATE attempt SET state='cancelled', ended_us=?2, exit_kind='cancelled' WHERE run_id=?1 AND state='running'", SeededHome.Live, now);
            db.Execute("INSERT INTO event(ts_us, run_id, node_id, epoch, type) VALUES (?2, ?1, 'train', 1, 'node.cancelled')", SeededHome.Live, now);
            db.Execute("UPDATE node SET state='cancelled', ended_us=?2 WHERE run_id=?1 AND state IN('running','waiting')", SeededHome.Live, now);
            db.Execute("UPDATE run SET state='cancelled', ended_us=?2 WHERE run_id=?1", SeededHome.Live, now);
        });
        await Assertions.Expect(page.Locator(".story")).ToContainTextAsync("acknowledged after");
        await Assertions.Expect(page.Locator(".story")).ToContainTextAsync("done after");
        Assert.Empty(errors);
    }
}
