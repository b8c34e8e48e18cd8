using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Lists of jobs by state, queues, retries and servers, over a home that has some of each and over an empty one.</summary>
public sealed class StatePagesTests(BusyFixture fixture) : IClassFixture<BusyFixture>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static readonly (string Name, string Path, string Expected)[] Pages =
    [
        ("queues", "/jobs/enqueued", "the card is being swapped"),
        ("enqueued", "/jobs/enqueued/cpu", "encode/00003"),
        ("fetched", "/jobs/enqueued/fetched/gpu", "Looks like the job was aborted"),
        ("scheduled", "/jobs/scheduled", "Runs that wait for their start"),
        ("processing", "/jobs/processing", "300 / 1,200 rows"),
        ("succeeded", "/jobs/succeeded", "ingest"),
        ("failed", "/jobs/failed", "do not expire"),
        ("failed-types", "/jobs/failed?by=type", "InvalidDataException"),
        ("failed-none-fits", "/jobs/failed?stage=nosuch", "None fits"),
        ("deleted", "/jobs/deleted", "mara: not needed any more"),
        ("awaiting", "/jobs/awaiting", "encode/00031"),
        ("retries", "/retries", "try 2 of 3"),
        ("servers", "/servers", "possibly aborted"),
    ];

    static readonly (string Path, string Expected)[] EmptyPages =
    [
        ("/jobs/enqueued", "No queue yet"), ("/jobs/scheduled", "waits here for its time"), ("/jobs/processing", "workflow run JOB.yaml"), ("/jobs/succeeded", "comes here"), ("/jobs/failed", "stays until it is requeued"),
        ("/jobs/failed?by=type", "comes here with its reason"), ("/jobs/deleted", "was cancelled"), ("/jobs/awaiting", "not made yet"), ("/retries", "tried again"), ("/servers", "No active servers found. Jobs will not be processed."), ("/jobs/enqueued/gpu", "waits for a free slot"),
    ];

    [Fact]
    public async Task Pages_ShowTheirRows_AccessiblyAndWithACleanConsole()
    {
        var browser = await fixture.BrowserAsync();
        foreach (var (name, path, expected) in Pages)
        {
            var (page, errors) = await browser.OpenAsync(fixture.Host.Address + path);
            await Assertions.Expect(page.Locator("main")).ToContainTextAsync(expected);
            await Assertions.Expect(page.Locator("main")).ToContainTextAsync("As of");
            Assert.Equal(1, await page.Locator("h1").CountAsync());
            await Axe.AssertNothingSeriousAsync(page);
            await page.SetViewportSizeAsync(390, 844);
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 390"), $"{path} is wider than a phone");
            Assert.Empty(errors);
            await page.Context.CloseAsync();
            await browser.PicturesAsync(fixture.Host.Address + path, name);
        }
    }

    [Fact]
    public async Task Pages_SayWhatWouldFillThem_WhenTheHomeIsEmpty()
    {
        foreach (var (path, expected) in EmptyPages)
        {
            var page = await fixture.DocumentAsync(path, fixture.Empty);
            Assert.Contains(expected, page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
            Assert.Single(page.QuerySelectorAll("h1"));
        }

        var browser = await fixture.BrowserAsync();
        var (empty, errors) = await browser.OpenAsync(fixture.Empty.Address + "/jobs/failed");
        await Assertions.Expect(empty.Locator("[data-link]")).ToHaveTextAsync("live");
        await Axe.AssertNothingSeriousAsync(empty);
        Assert.Empty(errors);
        await browser.PicturesAsync(fixture.Empty.Address + "/jobs/failed", "empty-failed");
        await browser.PicturesAsync(fixture.Empty.Address + "/servers", "empty-servers");
    }

    [Fact]
    public async Task List_ReachesEveryRowOnce_PageByPage()
    {
        var seen = new List<string>();
        string? path = "/jobs/failed?size=5000&stage=mine&older=10m";
        var pages = 0;
        while (path is not null)
        {
            var page = await fixture.DocumentAsync(path);
            seen.AddRange(page.QuerySelectorAll("input[name=ids]").Select(i => i.GetAttribute("value")!));
            path = page.QuerySelector(".pager a[rel=next]")?.GetAttribute("href");
            pages++;
        }

        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(BusyHome.Failures, seen.Count(s => s.Contains("|mine/", StringComparison.Ordinal)));
        Assert.InRange(pages, 2, 4);
        foreach (var (list, where) in new[]
        {
            ("/jobs/awaiting", "state='waiting'"), ("/retries", "state='retry_wait'"), ("/jobs/enqueued/cpu", "state='ready' AND slot_class='cpu'"), ("/jobs/enqueued/gpu", "state='ready' AND slot_class='gpu'"),
            ("/jobs/deleted", "state IN('cancelled','skipped') AND ended_us IS NOT NULL"), ("/jobs/processing", "state='running' AND EXISTS(SELECT 1 FROM attempt a WHERE a.run_id=node.run_id AND a.node_id=node.node_id)"),
        })
        {
            var found = new List<string>();
            string? next = list + "?size=10";
            while (next is not null)
            {
                var page = await fixture.DocumentAsync(next);
                found.AddRange(page.QuerySelectorAll("input[name=ids]").Select(i => i.GetAttribute("value")!));
                next = page.QuerySelector(".pager a[rel=next]")?.GetAttribute("href");
            }

            Assert.Equal(fixture.Home.Ledger.Read(db => db.Query($"SELECT run_id||'|'||node_id FROM node WHERE {where} ORDER BY 1", r => r.Text(0))), found.Order(StringComparer.Ordinal));
        }
    }

    [Theory]
    [InlineData("/jobs/failed?type=InvalidDataException&size=100", "InvalidDataException")]
    [InlineData("/jobs/failed?error=HAS%20NO%20TITLE&size=100", "has no title")]
    [InlineData("/jobs/failed?job=broken&queue=cpu&size=100", "broken")]
    [InlineData("/retries?stage=encode&queue=gpu", "The disk is slow")]
    public async Task Filter_LetsOnlyFittingRowsThrough(string path, string expected)
    {
        var page = await fixture.DocumentAsync(path);
        var rows = page.QuerySelectorAll("tbody tr");
        Assert.NotEmpty(rows);
        Assert.All(rows, r => Assert.Contains(expected, r.TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Failures_AreGroupedByTypeOfError_WithCounts()
    {
        var page = await fixture.DocumentAsync("/jobs/failed?by=type");
        var groups = page.QuerySelectorAll("tbody tr").ToDictionary(r => r.QuerySelector("th")!.TextContent.Trim(), r => r.QuerySelector("td")!.TextContent.Replace(",", "", StringComparison.Ordinal));
        Assert.InRange(int.Parse(groups["InvalidDataException"]), 2490, 2500);
        Assert.InRange(int.Parse(groups["IOException"]), 7490, 7500);
        Assert.Contains(page.QuerySelectorAll("main a").Select(a => a.GetAttribute("href")), h => h == "/jobs/failed?type=IOException");
    }

    [Fact]
    public async Task TickedRows_AreRequeuedEnqueuedAndDeleted_EachWithItsLineInTheAudit()
    {
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync(fixture.Host.Address + "/retries");
        await page.Locator("tbody input").Nth(0).CheckAsync();
        await page.Locator("tbody input").Nth(1).CheckAsync();
        await Assertions.Expect(page.Locator("[data-tick-count]")).ToHaveTextAsync("2 rows ticked");
        var ticked = await page.Locator("tbody input:checked").EvaluateAllAsync<string[]>("boxes => boxes.map(b => b.value)");
        await page.GetByLabel("Why").FillAsync("the disk is fast again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enqueue now" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "2 enqueued" })).ToBeVisibleAsync();
        foreach (var node in ticked.Select(t => t.Split('|')[1]))
        {
            Assert.Equal("ready", State(BusyHome.Busy, node));
            Assert.Equal($"node.enqueue {Environment.UserName} the disk is fast again", Audited(BusyHome.Busy, node));
        }

        await page.Locator("tbody input").Nth(0).CheckAsync();
        var doomed = (await page.Locator("tbody input:checked").GetAttributeAsync("value"))!.Split('|')[1];
        await page.GetByLabel("Why").FillAsync("not worth it");
        await page.GetByText("Delete selected…").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete them" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status).Filter(new() { HasText = "1 deleted" })).ToBeVisibleAsync();
        Assert.Equal("cancelled", State(BusyHome.Busy, doomed));
        Assert.Equal($"node.delete {Environment.UserName} not worth it", Audited(BusyHome.Busy, doomed));

        await page.GotoAsync(fixture.Host.Address + "/jobs/failed?size=10");
        await page.Locator("tbody input").Nth(3).CheckAsync();
        var failed = (await page.Locator("tbody input:checked").GetAttributeAsync("value"))!.Split('|')[1];
        await page.GetByLabel("Why").FillAsync("mended");
        await page.GetByRole(AriaRole.Button, new() { Name = "Requeue selected" }).ClickAsync();
        await Assertions.Expect(page.GetByText("1 asked to run again")).ToBeVisibleAsync();
        Assert.Equal($"node.requeue {Environment.UserName} mended", Audited(BusyHome.Broken, failed));
        Assert.Equal(1, fixture.Home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM request WHERE kind='requeue' AND payload=?1", failed)));

        // Asked for again before anybody took it up: refused, with the reason.
        await page.Locator($"tbody input[value='{BusyHome.Broken}|{failed}']").CheckAsync();
        await page.GetByLabel("Why").FillAsync("again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Requeue selected" }).ClickAsync();
        await Assertions.Expect(page.Locator(".notice.bad")).ToContainTextAsync("1 could not be");
        await Assertions.Expect(page.Locator(".notice.bad")).ToContainTextAsync("asked for that already");
        Assert.Empty(errors);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task SelectAll_WorksWithTheKeyboardAlone()
    {
        var browser = await fixture.BrowserAsync();
        var (page, _) = await browser.OpenAsync(fixture.Host.Address + "/jobs/failed?size=50");
        await page.Locator("[data-tick-all]").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.Locator("tbody input:checked")).ToHaveCountAsync(50);
        await Assertions.Expect(page.Locator("[data-tick-count]")).ToHaveTextAsync("50 rows ticked");
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Space");
        await Assertions.Expect(page.Locator("[data-tick-count]")).ToHaveTextAsync("49 rows ticked");
        Assert.True(await page.Locator("[data-tick-all]").EvaluateAsync<bool>("box => box.indeterminate"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task List_DoesNotJump_AndTellsWhatIsNew()
    {
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync(fixture.Host.Address + "/jobs/failed?size=10");
        await Assertions.Expect(page.Locator("[data-link]")).ToHaveTextAsync("live");
        await page.Locator("tbody input").Nth(2).CheckAsync();
        var before = await page.Locator("tbody").InnerTextAsync();
        fixture.Home.FailOneMore("late-1");
        fixture.Home.FailOneMore("late-2");
        await Assertions.Expect(page.Locator(".news")).ToContainTextAsync("2 new");
        Assert.Equal(before, await page.Locator("tbody").InnerTextAsync());
        Assert.Equal(1, await page.Locator("tbody input:checked").CountAsync());
        await page.Locator(".news a").ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr").First).ToContainTextAsync("mine/late-2");
        Assert.Empty(errors);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Processing_FollowsTheWork_AndKeepsTicks()
    {
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync(fixture.Host.Address + "/jobs/processing");
        await Assertions.Expect(page.Locator("[data-link]")).ToHaveTextAsync("live");
        await page.Locator($"input[value='{BusyHome.Busy}|encode/00001']").CheckAsync();
        fixture.Home.Work(900);
        await Assertions.Expect(page.Locator("tbody")).ToContainTextAsync("900 / 1,200 rows");
        await Assertions.Expect(page.Locator("tbody")).ToContainTextAsync("left");
        Assert.True(await page.Locator($"input[value='{BusyHome.Busy}|encode/00001']").IsCheckedAsync());
        Assert.Empty(errors);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Queue_IsPausedAndResumed_WithReasonAndEnd()
    {
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync(fixture.Host.Address + "/jobs/enqueued/cpu");
        await page.GetByText("Pause…").ClickAsync();
        await page.Locator(".act").GetByLabel("Why").FillAsync("the disk is full");
        await page.Locator(".act input[name=until]").FillAsync("2090-01-01T12:00");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause the queue" }).ClickAsync();
        await Assertions.Expect(page.Locator(".notice.warn")).ToContainTextAsync("until 2090-01-01 12:00:00 UTC: the disk is full");
        Assert.Equal("queue.pause", fixture.Home.Ledger.Read(db => db.Text("SELECT action FROM audit WHERE target='cpu' ORDER BY seq DESC LIMIT 1")));
        await page.GetByText("Resume…").ClickAsync();
        await page.Locator(".act[open]").GetByLabel("Why").FillAsync("it has room");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume the queue" }).ClickAsync();
        await Assertions.Expect(page.Locator(".notice.warn")).ToHaveCountAsync(0);
        Assert.Equal(0, fixture.Home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM queue_pause WHERE slot_class='cpu'")));
        Assert.Empty(errors);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Acts_AreNeitherShownNorTaken_WhenForLookingOnly()
    {
        var page = await fixture.DocumentAsync("/jobs/failed", fixture.ReadOnly);
        Assert.Empty(page.QuerySelectorAll("main button[formaction], main input[name=ids]"));
        Assert.NotEmpty(page.QuerySelectorAll("tbody tr"));
        using var answer = await fixture.Http.PostAsync(new Uri(fixture.Host.Address + "/jobs/delete"), new FormUrlEncodedContent([new("ids", $"{BusyHome.Busy}|encode/00003"), new("reason", "x")]), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("ready", State(BusyHome.Busy, "encode/00003"));
    }

    [Fact]
    public async Task Stats_AnswerWithTheCountersAskedFor()
    {
        using var json = JsonDocument.Parse(await fixture.Http.GetStringAsync(new Uri(fixture.Host.Address + "/stats?metrics=failed:count,servers:count&metrics=enqueued-queues:count&metrics=nosuch"), Cancel));
        Assert.Equal(["failed:count", "servers:count", "enqueued-queues:count"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(fixture.Home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM node WHERE state='failed'")), json.RootElement.GetProperty("failed:count").GetProperty("intValue").GetInt64());
        Assert.True(json.RootElement.GetProperty("failed:count").GetProperty("highlighted").GetBoolean());
        Assert.Equal(2, json.RootElement.GetProperty("servers:count").GetProperty("intValue").GetInt64());
        using var all = JsonDocument.Parse(await fixture.Http.GetStringAsync(new Uri(fixture.Empty.Address + "/stats"), Cancel));
        Assert.Equal(JsonValueKind.Null, all.RootElement.GetProperty("failed:count-or-null").GetProperty("value").ValueKind);
        Assert.Equal("warn", all.RootElement.GetProperty("servers:count").GetProperty("style").GetString());
    }

    [Fact]
    public async Task FilteredFailures_LeadToABulkActOverTheSameFilter()
    {
        var form = (await fixture.DocumentAsync("/jobs/failed?error=no%20title&older=10m&queue=cpu")).QuerySelector("form[action='/bulk/preview']")!;
        var fields = form.QuerySelectorAll("input").Select(i => $"{i.GetAttribute("name")}={i.GetAttribute("value")}").ToList();
        Assert.Equal(["kind=node", "back=/jobs/failed?queue=cpu&error=no%20title&older=10m", "state=failed", "queue=cpu", "error=no title", "older=10m"], fields);
        Assert.Contains(form.QuerySelectorAll("option").Select(o => o.GetAttribute("value")), v => v == "requeue");
        Assert.Null((await fixture.DocumentAsync("/jobs/failed?type=IOException")).QuerySelector("form[action='/bulk/preview']"));
    }

    [Fact]
    public async Task Recurring_LeadsToSchedules()
    {
        using var answer = await fixture.Http.GetAsync(new Uri(fixture.Host.Address + "/recurring"), Cancel);
        Assert.Equal((HttpStatusCode.Redirect, "/schedules"), (answer.StatusCode, answer.Headers.Location!.ToString()));
    }

    [Fact]
    public async Task LongList_IsOneQuickPage_OfFiveThousandRows()
    {
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync(fixture.Host.Address + "/jobs/failed?size=5000");
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(5000);
        await page.Locator("[data-tick-all]").CheckAsync();
        await Assertions.Expect(page.Locator("[data-tick-count]")).ToHaveTextAsync("5,000 rows ticked");
        await page.GetByRole(AriaRole.Link, new() { Name = "Next →" }).ClickAsync();
        await Assertions.Expect(page.Locator("tbody tr")).ToHaveCountAsync(5000);
        Assert.Empty(errors);

        // So many are not asked for one by one: they go the way of a bulk act.
        await page.Locator("[data-tick-all]").CheckAsync();
        await page.GetByLabel("Why").FillAsync("the shards are there again");
        await page.GetByRole(AriaRole.Button, new() { Name = "Requeue selected" }).ClickAsync();
        await page.WaitForURLAsync("**/bulk/*");
        Assert.Equal(("requeue", 5000L, "the shards are there again"), fixture.Home.Ledger.Read(db => db.First("SELECT action, total, reason FROM bulk_act WHERE bulk_id=?1", r => (r.Text(0), r.Number(1), r.Text(2)), page.Url.Split('/')[^1])));
        await page.Context.CloseAsync();
    }

    string? State(string run, string node) => fixture.Home.Ledger.Read(db => db.Text("SELECT state FROM node WHERE run_id=?1 AND node_id=?2", run, node));

    string? Audited(string run, string node) => fixture.Home.Ledger.Read(db => db.Text("SELECT action||' '||actor||' '||reason FROM audit WHERE target=?1 ORDER BY seq DESC LIMIT 1", $"{run}/{node}"));
}
