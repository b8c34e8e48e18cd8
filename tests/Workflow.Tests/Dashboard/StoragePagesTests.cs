using System.Net;
using Microsoft.Playwright;
using Workflow.Artifacts;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Storage, pins and garbage: each act by the rows it left.</summary>
public sealed class StoragePagesTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Fact]
    public async Task Pages_ShowTheirRows_AndPassAxe()
    {
        await (await data.LookAsync("storage", $"{data.Host.Address}/storage", "Largest artifacts", "Checkpoints kept", "Runs that published most", "Free on this disk")).Context.CloseAsync();
        await (await data.LookAsync("empty-storage", $"{await data.EmptyAsync()}/storage", "Nothing is stored yet", "Nothing is pinned")).Context.CloseAsync();
        await (await data.LookAsync("empty-garbage", $"{await data.EmptyAsync()}/storage/garbage", "Nobody has looked")).Context.CloseAsync();
    }

    [Fact]
    public async Task Pin_IsAddedAndRemoved_WithItsLinesInTheAudit()
    {
        var browser = await data.BrowserAsync();
        var (page, errors) = await browser.OpenAsync($"{data.Host.Address}/storage");
        await page.GetByText("Pin an artifact…").ClickAsync();
        await page.GetByLabel("Hash, its beginning").FillAsync("catalogue/train.model");
        await page.Locator("form[action='/storage/pin'] input[name=reason]").FillAsync(DataHome.Hostile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Pin it" }).ClickAsync();
        await Assertions.Expect(page.Locator("[aria-label=Pins] tbody")).ToContainTextAsync(DataHome.Hostile);
        Assert.Equal($"{data.Home["model-2"]} {DataHome.Hostile} {Environment.UserName}", Row("SELECT artifact_id||' '||reason||' '||actor FROM pin"));
        await browser.PicturesAsync($"{data.Host.Address}/storage", "storage-pin");
        await page.GetByText("Unpin…").ClickAsync();
        await page.Locator("form[action='/storage/unpin'] input[name=reason]").FillAsync("no longer served");
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the pin" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The pin was removed.")).ToBeVisibleAsync();
        Assert.Null(Row("SELECT artifact_id FROM pin"));
        Assert.Equal($"artifact.pin {data.Home["model-2"]} {DataHome.Hostile}, artifact.unpin {data.Home["model-2"]} no longer served",
            Row("SELECT group_concat(line, ', ') FROM (SELECT action||' '||target||' '||reason AS line FROM audit WHERE action LIKE 'artifact.%' ORDER BY seq)"));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Garbage_IsLookedAtAndCollected_ByTheServer()
    {
        using var home = new DataHome(TimeSpan.FromDays(40));
        home.Ledger.Write(db => db.Execute("DELETE FROM dataset_version"));
        await using var host = await Workflow.Dashboard.DashboardHost.StartAsync(new()
        {
            Home = home.Root,
            Url = "http://127.0.0.1:0",
            Refresh = TimeSpan.FromMilliseconds(200),
            Acts = new() { Storage = new Workflow.Cli.StorageActions(home.Paths, TimeProvider.System) },
        }, null, null, TestContext.Current.CancellationToken);
        var browser = await data.BrowserAsync();
        var (page, errors) = await browser.OpenAsync($"{host.Address}/storage/garbage");
        await page.GetByLabel("Grace of marked files").First.FillAsync("0s");
        await page.GetByRole(AriaRole.Button, new() { Name = "Look, change nothing" }).ClickAsync();
        await Assertions.Expect(page.Locator("[aria-label='What would go'] tbody")).ToContainTextAsync("No run of the last 30 d made or read it");
        await Axe.AssertNothingSeriousAsync(page);
        await browser.PicturesAsync($"{host.Address}/storage/garbage", "garbage");
        Assert.True(File.Exists(home.Paths.Blob(home["model"])));
        Assert.Equal(0, home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM blob WHERE state<>'live'")));

        await page.GetByText("Collect now…").ClickAsync();
        await page.Locator("form[action='/storage/garbage/collect'] input[name=grace]").FillAsync("0s");
        await page.Locator("form[action='/storage/garbage/collect'] input[name=reason]").FillAsync("the disk fills up");
        await page.GetByRole(AriaRole.Button, new() { Name = "Collect garbage" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The collection was asked for")).ToBeVisibleAsync();
        Assert.True(File.Exists(home.Paths.Blob(home["model"])));
        new GarbageServer(home.Paths, TimeProvider.System).TakeAll();
        await Assertions.Expect(page.Locator("[aria-label=Collections] tbody")).ToContainTextAsync("files gone");
        Assert.False(File.Exists(home.Paths.Blob(home["model"])));
        Assert.Equal(0, home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM blob WHERE state<>'deleted'")));
        Assert.Equal($"gc.collect the disk fills up {Environment.UserName}", home.Ledger.Read(db => db.Text("SELECT action||' '||reason||' '||actor FROM audit WHERE target=(SELECT gc_id FROM gc_act WHERE ended_us IS NOT NULL)")));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Acts_AreRefused_WithoutATokenAndWhereItOnlyShows()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var answer = await data.Http.PostAsync(new Uri("/storage/garbage/collect", UriKind.Relative), new FormUrlEncodedContent([new("reason", "x")]), cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        await using var shown = await Workflow.Dashboard.DashboardHost.StartAsync(new() { Home = data.Home.Root, Url = "http://127.0.0.1:0", ReadOnly = true, Acts = new() { Storage = new Workflow.Cli.StorageActions(data.Home.Paths, TimeProvider.System) } }, null, null, cancel);
        using var http = new HttpClient { BaseAddress = new Uri(shown.Address) };
        Assert.DoesNotContain("Pin an artifact", await http.GetStringAsync(new Uri("/storage", UriKind.Relative), cancel), StringComparison.Ordinal);
        Assert.Equal(0, data.Home.Ledger.Read(db => db.Number("SELECT COUNT(*) FROM gc_act")));
    }

    string? Row(string sql) => data.Home.Ledger.Read(db => db.Text(sql));
}
