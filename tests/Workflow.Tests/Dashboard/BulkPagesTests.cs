using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using FaultHost;
using Microsoft.Playwright;
using Workflow.Dashboard;
using Workflow.Tests.Runs.Acts;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Preview, confirmation and progress of acts on many, over a home that is served for real.</summary>
public sealed class BulkPagesTests : IAsyncDisposable
{
    readonly ActingHome home = new();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => home.DisposeAsync();

    async Task<DashboardHost> StartAsync(bool act = true) => await DashboardHost.StartAsync(
        new DashboardOptions { Home = home.Paths.Root, Url = "http://127.0.0.1:0", Refresh = TimeSpan.FromMilliseconds(100), Acts = act ? home.Acts : DashboardActs.None }, null, null, Cancel);

    static async Task<IHtmlDocument> OpenAsync(HttpClient http, string path) => new HtmlParser().ParseDocument(await http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel));

    [Fact]
    public async Task Preview_CountsAndShowsWhatFits_AndTheConfirmedActIsDoneAndAudited()
    {
        var job = home.Pipeline();
        home.Write("a", "poison:user");
        home.Write("b", "poison:error");
        await home.ServeAsync();
        var run = home.Ask(job);
        await home.StateAsync(run, "partial");
        home.Write("a", "a row");
        home.Write("b", "b row");
        await using var host = await StartAsync();
        await using var browser = await Browser.StartAsync();
        var (page, errors) = await browser.OpenAsync(host.Address + "/bulk");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Nobody has acted on many yet");
        await page.Locator("main details.act summary").ClickAsync();
        await page.Locator("select[name=state]").SelectOptionAsync("failed");
        await page.Locator("main details.act input[name=job]").FillAsync("pipeline");
        await Axe.AssertNothingSeriousAsync(page);
        await page.Locator("main details.act button").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Requeue 2 nodes?");
        await Assertions.Expect(page.Locator("[aria-label='The first of them']")).ToContainTextAsync("Row 3 is not JSON");
        await Axe.AssertNothingSeriousAsync(page);
        await browser.PicturesAsync(page.Url, "bulk-preview");
        await page.Locator("main input[name=reason]").FillAsync("mended by hand");
        await page.Locator("main form button").ClickAsync();
        await Assertions.Expect(page.Locator(".facts .badge")).ToHaveTextAsync("done");
        await Assertions.Expect(page.Locator(".bulk-facts")).ToContainTextAsync("Done2");
        await Axe.AssertNothingSeriousAsync(page);
        await home.StateAsync(run, "succeeded");
        Assert.Equal($"{Environment.UserName}|bulk.requeue|mended by hand", home.Value("SELECT actor || '|' || action || '|' || reason FROM audit"));
        Assert.Empty(errors);
        await browser.PicturesAsync(page.Url, "bulk");
        await browser.PicturesAsync(host.Address + "/bulk", "bulk-list");
    }

    [Fact]
    public async Task TickedRows_AreTakenAsTheyAre_AndRefusalsAreTold()
    {
        await home.ServeAsync();
        await home.Acts.Queues!.PauseAsync("cpu", "ann", "wait", null, Cancel);
        var run = home.Ask(home.Pipeline());
        await home.NodeAsync(run, "read/a", "ready");
        await using var host = await StartAsync();
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(host.Address) };
        var preview = await PostAsync(http, "/bulk/preview", ("act", "delete"), ("id", $"{run}/read/a"), ("id", $"{run}/read/c"), ("id", $"{run}/<script>"), ("back", "https://elsewhere.example/"));
        Assert.Contains("Delete 2 nodes?", preview.QuerySelector("h1")!.TextContent);
        Assert.Equal("/jobs/enqueued", preview.QuerySelector("main form a.button")!.GetAttribute("href"));
        var fields = preview.QuerySelectorAll("main form input[name]").Select(i => (i.GetAttribute("name")!, i.GetAttribute("value") ?? "")).Where(f => f.Item1 != "reason");
        var ended = await PostAsync(http, "/bulk", [.. fields, ("reason", "not these")]);
        await home.UntilAsync("SELECT state FROM bulk_act", "ended");
        Assert.Equal("read/a=cancelled read/b=ready read/c=cancelled read=skipped sort=skipped train=skipped", home.States(run));
        var address = $"/bulk/{home.Value("SELECT bulk_id FROM bulk_act")}";
        Assert.Contains("Delete nodes", ended.QuerySelector("h1")!.TextContent);
        Assert.Contains("None was refused.", (await OpenAsync(http, address)).QuerySelector("main")!.TextContent);
        home.Ledger.Write(db => db.Execute("INSERT INTO bulk_item(bulk_id, run_id, node_id, error) SELECT bulk_id, ?1, 'sort', '<b>it ran</b>' FROM bulk_act", run));
        Assert.Contains("<b>it ran</b>", (await OpenAsync(http, address)).QuerySelector("[aria-label=Refused]")!.TextContent);
        Assert.Contains("the ticked nodes", (await OpenAsync(http, "/bulk")).QuerySelector("main tbody")!.TextContent);

        foreach (var (path, expected) in new[] { ("/bulk/preview?act=explode", "expected requeue, enqueue, delete"), ("/bulk/preview?act=requeue&older=soon", "older: found 'soon'"), ("/bulk/preview?act=requeue&kind=blob", "expected node or run") })
        {
            using var refused = await http.GetAsync(new Uri(path, UriKind.Relative), Cancel);
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains(expected, WebUtility.HtmlDecode(await refused.Content.ReadAsStringAsync(Cancel)), StringComparison.Ordinal);
        }

        var many = await PostAsync(http, "/bulk/preview", [("act", "delete"), .. Enumerable.Range(0, 1500).Select(i => ("id", $"{run}/read/{i}"))]);
        Assert.Contains("Found 1,500 ticked rows", many.QuerySelector("main")!.TextContent);
    }

    [Fact]
    public async Task Bulk_WithoutAToken_OrOnADashboardForLooking_DoesNothing()
    {
        await home.ServeAsync();
        var run = home.Ask(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "user" } });
        await home.StateAsync(run, "failed");
        foreach (var act in new[] { true, false })
        {
            await using var host = await StartAsync(act);
            using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
            using var answer = await http.PostAsync(new Uri("/bulk", UriKind.Relative), new FormUrlEncodedContent([new("act", "requeue"), new("state", "failed"), new("reason", "x")]), Cancel);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal(act ? HttpStatusCode.OK : HttpStatusCode.Conflict, (await http.GetAsync(new Uri("/bulk/preview?act=requeue&state=failed", UriKind.Relative), Cancel)).StatusCode);
        }

        Assert.Equal("0 0", home.Value("SELECT (SELECT COUNT(*) FROM bulk_act) || ' ' || (SELECT COUNT(*) FROM audit)"));
    }

    /// <summary>Posts a form with the token of a page, and answers with the page it leads to.</summary>
    static async Task<IHtmlDocument> PostAsync(HttpClient http, string address, params (string Name, string Value)[] fields)
    {
        using var answer = await http.PostAsync(new Uri(address, UriKind.Relative), new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))), Cancel);
        return new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Cancel));
    }
}
