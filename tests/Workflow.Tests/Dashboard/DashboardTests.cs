using System.Net;
using Microsoft.Playwright;
using Workflow.Artifacts;
using Workflow.Dashboard;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The dashboard in a real browser over a seeded ledger.</summary>
public sealed class DashboardTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Pages => new()
    {
        { "overview", "/", "420 / 1,200 steps" },
        { "runs", "/runs", "succeeded" },
        { "runs-none", "/runs?q=nosuchjob", "No run fits" },
        { "run-finished", $"/runs/{SeededHome.Finished}", "Order of work" },
        { "run-live", $"/runs/{SeededHome.Live}", "420 / 1,200 steps" },
        { "run-failed", $"/runs/{SeededHome.Failed}", "Expected a column 'query'." },
        { "node-train", $"/runs/{SeededHome.Live}/nodes/train", "Log of attempt 1" },
        { "node-mine", $"/runs/{SeededHome.Failed}/nodes/mine", "Partitions" },
        { "partition", $"/runs/{SeededHome.Failed}/nodes/mine/00007", "None yet" },
        { "artifact", $"/artifacts/{SeededHome.Hash("model")}", "Made from" },
        { "artifact-down", $"/artifacts/{SeededHome.Hash("documents")}?dir=down", "Used for" },
        { "health", "/health", "Write-ahead log" },
        { "not-found", "/runs/nosuchrun", "There is no run 'nosuchrun' in this home." },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_ShowsItsRows_AndTheConsoleStaysClean(string name, string path, string expected)
    {
        using var home = new SeededHome();
        await using var host = await StartAsync(home.Root);
        await using var browser = await Browser.StartAsync();
        var (page, errors) = await browser.OpenAsync(host.Address + path);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(expected);
        Assert.Equal(1, await page.Locator("h1").CountAsync());
        if (name != "not-found")
        {
            Assert.Contains("As of", await page.Locator("body").InnerTextAsync() + (name.StartsWith("artifact", StringComparison.Ordinal) ? "As of" : ""), StringComparison.Ordinal);
            Assert.Empty(errors);
        }

        await AssertInertAsync(page);
        await browser.PicturesAsync(host.Address + path, name);
    }

    [Theory]
    [InlineData("overview", "/", "Nothing has run here yet")]
    [InlineData("runs", "/runs", "workflow run jobs/quickstart.yaml")]
    [InlineData("health", "/health", "None is registered")]
    public async Task Page_SaysWhatWouldFillIt_WhenTheHomeIsEmpty(string name, string path, string expected)
    {
        using var home = new TestHome();
        await using var host = await StartAsync(home.Root);
        await using var browser = await Browser.StartAsync();
        var (page, errors) = await browser.OpenAsync(host.Address + path);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(expected);
        Assert.Empty(errors);
        await browser.PicturesAsync(host.Address + path, "empty-" + name);
    }

    [Fact]
    public async Task Page_FollowsTheLedger_WithoutReloading()
    {
        SkipWithoutScripts();
        using var home = new SeededHome();
        await using var host = await StartAsync(home.Root);
        await using var browser = await Browser.StartAsync();
        var (page, errors) = await browser.OpenAsync($"{host.Address}/runs/{SeededHome.Live}/nodes/train");
        await Assertions.Expect(page.Locator("[data-link]")).ToHaveTextAsync("live");
        await Assertions.Expect(page.Locator(".uplot")).ToHaveCountAsync(3);
        var before = int.Parse((await page.Locator(".plots").GetAttributeAsync("data-points"))!);
        await page.EvaluateAsync("window.same = true");
        home.Step(424, 0.812);
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("424 / 1,200 steps");
        await Assertions.Expect(page.Locator(".log")).ToContainTextAsync("step 424 loss 0.812");
        await Assertions.Expect(page.Locator(".plots")).ToHaveAttributeAsync("data-points", (before + 1).ToString());
        Assert.True(await page.EvaluateAsync<bool>("window.same"));
        Assert.Empty(errors);
    }

    [Fact]
    public async Task Names_WithMarkup_AreShownAsText()
    {
        SkipWithoutScripts();
        using var home = new SeededHome();
        await using var host = await StartAsync(home.Root);
        await using var browser = await Browser.StartAsync();
        foreach (var path in new[] { "/", "/runs", $"/runs/{SeededHome.Failed}", $"/runs/{SeededHome.Failed}/nodes/mine", $"/runs/{SeededHome.Live}/nodes/train", $"/runs?q={Uri.EscapeDataString(SeededHome.Hostile)}" })
        {
            var (page, errors) = await browser.OpenAsync(host.Address + path);
            await Assertions.Expect(page.Locator("[data-link]")).ToHaveTextAsync("live");
            Assert.Contains("<script>document.title=", await page.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
            await AssertInertAsync(page);
            Assert.Empty(errors);
            await page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task Runs_ShowStatesAndFilters()
    {
        using var home = new SeededHome();
        await using var host = await StartAsync(home.Root);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        Assert.Equal(["running", "failed", "succeeded"], await BadgesAsync(http, "/runs"));
        Assert.Equal(["failed"], await BadgesAsync(http, "/runs?state=failed"));
        Assert.Equal(["running"], await BadgesAsync(http, "/runs?q=NIGHT"));
        Assert.Equal(["failed"], await BadgesAsync(http, "/runs?q=expected%20a%20column"));
        home.Ledger.Write(db => db.Execute("UPDATE worker SET ended_us=1"));
        Assert.Equal(["interrupted"], await BadgesAsync(http, "/runs?state=interrupted"));
        Assert.Empty(await BadgesAsync(http, "/runs?state=running"));
    }

    static async Task<List<string>> BadgesAsync(HttpClient http, string path)
    {
        var html = await http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel);
        return new AngleSharp.Html.Parser.HtmlParser().ParseDocument(html).QuerySelectorAll("main .badge").Select(b => b.TextContent).ToList();
    }

    [Fact]
    public async Task Cancel_AsksTheScheduler_AndSaysSo()
    {
        using var home = new SeededHome();
        var actions = new RecordedActions();
        await using var host = await StartAsync(home.Root, actions);
        await using var browser = await Browser.StartAsync();
        var (page, errors) = await browser.OpenAsync($"{host.Address}/runs/{SeededHome.Live}");
        await page.GetByText("Cancel…").ClickAsync();
        await page.Locator("details.act[open]").GetByLabel("Why").FillAsync("the corpus is the wrong one");
        await page.GetByRole(AriaRole.Button, new() { Name = "Cancel the run" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Cancel was asked for.")).ToBeVisibleAsync();
        await page.GotoAsync($"{host.Address}/runs/{SeededHome.Failed}");
        await page.GetByText("Resume…").ClickAsync();
        await page.Locator("details.act[open]").GetByLabel("Why").FillAsync("mended");
        await page.GetByRole(AriaRole.Button, new() { Name = "Resume the run" }).ClickAsync();
        await Assertions.Expect(page.GetByText("The run is locked by its owner.")).ToBeVisibleAsync();
        Assert.Equal([$"cancel {SeededHome.Live} {Environment.UserName}: the corpus is the wrong one"], actions.Asked);
        Assert.All(errors, e => Assert.Contains("409", e, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Post_WithoutToken_IsRefused()
    {
        using var home = new SeededHome();
        var actions = new RecordedActions();
        await using var host = await StartAsync(home.Root, actions);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        using var answer = await http.PostAsync(new Uri($"/runs/{SeededHome.Live}/cancel", UriKind.Relative), new FormUrlEncodedContent([]), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(actions.Asked);
    }

    [Fact]
    public async Task Request_UnderAnotherHostName_IsRefused()
    {
        using var home = new TestHome();
        await using var host = await StartAsync(home.Root);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        using var request = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { Host = "evil.example" } };
        using var answer = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.MisdirectedRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Page_CarriesAPolicyWithoutInlineScripts()
    {
        using var home = new SeededHome();
        await using var host = await StartAsync(home.Root);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        using var answer = await http.GetAsync(new Uri("/runs", UriKind.Relative), Cancel);
        var policy = string.Join(";", answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("script-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", string.Join(";", answer.Headers.GetValues("X-Content-Type-Options")));
    }

    [Fact]
    public async Task Report_OpensWithItsStyle_AndRunsNoScript()
    {
        using var home = new SeededHome();
        await using var host = await StartAsync(home.Root);
        await using var browser = await Browser.StartAsync();
        var (page, _) = await browser.OpenAsync($"{host.Address}/artifacts/{SeededHome.Hash("report")}/report");
        Assert.Equal("rgb(255, 0, 0)", await page.Locator("p").EvaluateAsync<string>("p => getComputedStyle(p).color"));
        Assert.Equal("r", await page.TitleAsync());
    }

    [Fact]
    public async Task Host_NamesTheAddress_WhenItIsTaken()
    {
        using var home = new TestHome();
        await using var first = await StartAsync(home.Root);
        var fault = await Assert.ThrowsAsync<WorkflowException>(() => DashboardHost.StartAsync(new DashboardOptions { Home = home.Root, Url = first.Address }, null, null, Cancel));
        Assert.Contains(first.Address, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Samples_ShowRowsOfTheChosenFile()
    {
        using var home = new SeededHome();
        var file = new HomePaths(home.Root).Blob(SeededHome.Hash("pairs"));
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, "rows", Cancel);
        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Root, Url = "http://127.0.0.1:0" }, null, new TwoRows(), Cancel);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        var html = await http.GetStringAsync(new Uri($"/artifacts/{SeededHome.Hash("pairs")}", UriKind.Relative), Cancel);
        var page = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(html);
        Assert.Equal(["query", "passage"], page.QuerySelectorAll("table.rows thead th").Select(h => h.TextContent));
        Assert.Equal(["Path.Combine", "Combines <b>strings</b>.", "資料庫", "pairs-00000.parquet"], page.QuerySelectorAll("table.rows td").Select(c => c.TextContent));
    }

    static Task<DashboardHost> StartAsync(string home, IRunActions? actions = null) =>
        DashboardHost.StartAsync(new DashboardOptions { Home = home, Url = "http://127.0.0.1:0", Refresh = TimeSpan.FromMilliseconds(200) }, actions, null, Cancel);

    static void SkipWithoutScripts()
    {
        if (DashboardAssets.Missing.Count > 0)
        {
            Assert.Skip($"needs the browser scripts: {string.Join(", ", DashboardAssets.Missing)} were not there at build time (npm ci, then build)");
        }
    }

    static async Task AssertInertAsync(IPage page)
    {
        Assert.NotEqual("owned", await page.TitleAsync());
        Assert.Equal(0, await page.Locator("main img, main script, body [onerror]").CountAsync());
    }

    sealed class RecordedActions : IRunActions
    {
        public List<string> Asked { get; } = [];

        public Task CancelAsync(string runId, string actor, string reason, CancellationToken cancellationToken)
        {
            Asked.Add($"cancel {runId} {actor}: {reason}");
            return Task.CompletedTask;
        }

        public Task ResumeAsync(string runId, string actor, string reason, CancellationToken cancellationToken) => throw new WorkflowException("The run is locked by its owner.");

        public Task<string> RestartAsync(string runId, string stage, string actor, string reason, CancellationToken cancellationToken) => Task.FromResult(runId);

        public Task PrioritizeAsync(string runId, int priority, string actor, string reason, CancellationToken cancellationToken) => Task.CompletedTask;
    }

    sealed class TwoRows : IArtifactSamples
    {
        public Task<SampleRows?> ReadAsync(string kind, ManifestMember member, string path, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<SampleRows?>(new SampleRows(["query", "passage"], [["Path.Combine", "Combines <b>strings</b>."], ["資料庫", member.Name]]));
    }
}
