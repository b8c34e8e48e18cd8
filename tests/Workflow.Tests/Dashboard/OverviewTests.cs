using Microsoft.Playwright;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The first page: counters, graphs, what needs a person, what runs.</summary>
public sealed class OverviewTests(BusyFixture fixture) : IClassFixture<BusyFixture>
{
    [Fact]
    public async Task Overview_ShowsCountersGraphsAndWhatNeedsAPerson()
    {
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync(fixture.Host.Address);
        await Assertions.Expect(page.Locator("[data-link]")).ToHaveTextAsync("live");
        await Assertions.Expect(page.Locator(".blocks li")).ToHaveCountAsync(12);
        await Assertions.Expect(page.Locator("#rates-now .uplot")).ToHaveCountAsync(1);
        await Assertions.Expect(page.Locator(".concerns")).ToContainTextAsync("Queue gpu is paused mara: the card is being swapped");
        await Assertions.Expect(page.Locator(".concerns")).ToContainTextAsync("Server far-host:77");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("420 / 1,200 steps");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("left");
        Assert.True(await page.Locator("svg#history, svg[aria-labelledby='history-t history-d'] rect.fill").CountAsync() > 3);
        await Axe.AssertNothingSeriousAsync(page);
        await page.SetViewportSizeAsync(390, 844);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 390"));
        Assert.Empty(errors);
        await page.Context.CloseAsync();
        await browser.PicturesAsync(fixture.Host.Address, "overview");
        await browser.PicturesAsync(fixture.Empty.Address, "overview-empty");
    }

    [Fact]
    public async Task Graphs_FollowWhatEnds_WithoutReloading()
    {
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync(fixture.Host.Address);
        await Assertions.Expect(page.Locator("#rates-now .uplot")).ToHaveCountAsync(1);
        await page.EvaluateAsync("window.same = true");
        var before = (await page.Locator("#rates-now").GetAttributeAsync("data-seen"))!.Split(' ').Select(int.Parse).ToList();
        var counted = await CounterAsync(page, "/jobs/succeeded");
        fixture.Home.Succeed("90001");
        fixture.Home.Succeed("90002");
        fixture.Home.FailOneMore("overview");
        await page.WaitForFunctionAsync("before => { const now = document.querySelector('#rates-now').dataset.seen.split(' ').map(Number); return now[0] >= before[0] + 2 && now[1] >= before[1] + 1; }", before);
        await page.WaitForFunctionAsync("least => Number(document.querySelector('.blocks a[href=\"/jobs/succeeded\"] b').textContent.replace(',', '')) >= least", counted + 2);
        Assert.True(await page.EvaluateAsync<bool>("window.same"));
        Assert.Empty(errors);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task History_IsOfADayOrAWeek_AsTheTalliesSay()
    {
        var day = await fixture.DocumentAsync("/");
        var week = await fixture.DocumentAsync("/?period=week");
        var hours = fixture.Home.Ledger.Read(db => db.Number("SELECT SUM(n) FROM hour_tally WHERE outcome='failed'"));
        Assert.Contains($"{hours:#,0} failed", week.QuerySelector("#history-d")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("24 hours", day.QuerySelector("#history-t")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("seven days", week.QuerySelector("#history-t")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("/?period=week", week.QuerySelector(".tabs a[aria-current=page]")!.GetAttribute("href"));
        Assert.NotNull(day.QuerySelector("#rates-now svg"));
    }

    [Fact]
    public async Task EmptyHome_SaysWhatToDo()
    {
        var page = await fixture.DocumentAsync("/", fixture.Empty);
        Assert.Contains("workflow run jobs/quickstart.yaml", page.QuerySelector(".blank")!.TextContent, StringComparison.Ordinal);
        Assert.Equal("0", page.QuerySelector(".tally[data-metric='servers:count']")!.TextContent);
        Assert.True(page.QuerySelector(".tally[data-metric='failed:count-or-null']")!.HasAttribute("hidden"));
    }

    [Fact]
    public async Task Foot_TellsVersionSchemaAndClocks_AndWarnsWhenTheyDiffer()
    {
        using var home = new SeededHome();
        await using var host = await Workflow.Dashboard.DashboardHost.StartAsync(new Workflow.Dashboard.DashboardOptions { Home = home.Root, Url = "http://127.0.0.1:0" }, null, null, TestContext.Current.CancellationToken);
        var foot = (await fixture.DocumentAsync("/", host)).QuerySelector(".foot")!;
        Assert.Contains($"ledger schema {LedgerDb.Schema}", foot.TextContent, StringComparison.Ordinal);
        Assert.Matches(@"made in \d+ ms", foot.TextContent);
        Assert.Null(foot.QuerySelector(".warn"));
        home.Ledger.Write(db => db.Execute("UPDATE worker SET seen_us=?1", TimeProvider.System.Micros() + 95_000_000));
        var warned = (await fixture.DocumentAsync("/", host)).QuerySelector(".foot .warn")!;
        Assert.Contains("Clocks differ", warned.TextContent, StringComparison.Ordinal);
        Assert.Contains("ahead of this application", warned.TextContent, StringComparison.Ordinal);
        var health = await fixture.DocumentAsync("/health", host);
        Assert.Contains("Clock skew", health.QuerySelector(".notice.bad")!.TextContent, StringComparison.Ordinal);
    }

    static async Task<int> CounterAsync(IPage page, string address) => int.Parse((await page.Locator($".blocks a[href='{address}'] b").InnerTextAsync()).Replace(",", "", StringComparison.Ordinal));
}
