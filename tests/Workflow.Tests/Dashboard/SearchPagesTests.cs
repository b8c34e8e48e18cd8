using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Playwright;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Search, saved filters and the list of runs over a seeded home.</summary>
public sealed class SearchPagesTests(SearchPagesTests.Fixture fixture) : IClassFixture<SearchPagesTests.Fixture>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    // Whatever people type: syntax of the index, of SQL, of HTML, half of it, and signs that are no letters.
    public static TheoryData<string> Typed =>
    [
        "\"", "\"mine", "\"no such\" \"", "AND", "OR NOT", "mine AND", "NEAR(mine train, 2)", "mine*", "*", "^mine", "title:mine", "scope : run", "{title body} : mine", "(mine", "mine)", "-mine", "+mine", "a\0b", "'; DROP TABLE run; --",
        "<script>", "train.batch_size=64", "%_", "\u0002mine\u0003", "…", "検索 索引", "\ud83d", "🦊", "a b c d e f g h i j k l m n o p q r s t u v w x y z", new string('x', 500), "   ", "\\", "ß", "İ",
    ];

    [Theory]
    [MemberData(nameof(Typed))]
    public async Task Search_Answers_WhateverIsTyped(string text)
    {
        foreach (var path in new[] { "/search", "/runs" })
        {
            using var answer = await fixture.Http.GetAsync(new Uri($"{path}?q={Uri.EscapeDataString(text)}", UriKind.Relative), Cancel);
            Assert.True(answer.IsSuccessStatusCode, $"{path} {text}: {(int)answer.StatusCode}");
        }
    }

    [Theory]
    [InlineData("night", "run", "/runs/" + SeededHome.Live)]
    [InlineData("00000000bbbb", "run", "/runs/" + SeededHome.Live)]
    [InlineData(SeededHome.Finished, "run", "/runs/" + SeededHome.Finished)]
    [InlineData("\"a column\" expected", "run", "/runs/" + SeededHome.Failed)]
    [InlineData("vocab", "stage", "/nodes/vocabulary")]
    [InlineData("is no col", "error", "/runs/" + SeededHome.Failed + "/nodes/mine?epoch=1")]
    [InlineData("batch_size 64", "parameter", "/nodes/train")]
    [InlineData("weekly europe/ber", "schedule", "/schedules/quickstart/weekly")]
    [InlineData("mined", "artifact", "/artifacts/")]
    public async Task Search_FindsEachKind(string text, string scope, string link)
    {
        var page = await DocumentAsync($"/search?q={Uri.EscapeDataString(text)}");
        Assert.Contains(page.QuerySelectorAll($"section[aria-labelledby='found-{scope}'] a").OfType<IHtmlAnchorElement>(), a => a.GetAttribute("href")!.Contains(link, StringComparison.Ordinal));
        Assert.Contains(page.QuerySelectorAll("mark"), m => m.TextContent.Length > 0);
        var alone = await DocumentAsync($"/search?q={Uri.EscapeDataString(text)}&scope={scope}");
        Assert.Equal([$"found-{scope}"], alone.QuerySelectorAll("main section").Select(s => s.GetAttribute("aria-labelledby")));
    }

    [Fact]
    public async Task Search_FindsAnArtifact_ByTheBeginningOfItsId()
    {
        var page = await DocumentAsync($"/search?q={SeededHome.Hash("model")[..10]}");
        Assert.Contains(page.QuerySelectorAll("main a"), a => a.GetAttribute("href") == $"/artifacts/{SeededHome.Hash("model")}");
    }

    [Fact]
    public async Task Search_ShowsHostileTextAsText_WithItsWordsMarked()
    {
        var page = await DocumentAsync("/search?q=owned");
        Assert.Empty(page.QuerySelectorAll("main script, main img"));
        Assert.Contains(page.QuerySelectorAll("mark"), m => m.TextContent == "owned");
        Assert.Contains(SeededHome.Hostile, page.QuerySelector("#found-run")!.ParentElement!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_KeepsToTheStateAndKindAskedFor()
    {
        Assert.Equal(1, (await DocumentAsync("/search?q=trains&state=failed")).QuerySelectorAll(".found li").Length);
        Assert.Equal(3, (await DocumentAsync("/search?q=trains&scope=run")).QuerySelectorAll(".found li").Length);
        Assert.Contains("Nothing found", (await DocumentAsync("/search?q=trains&scope=schedule")).QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        Assert.Contains("What are you looking for?", (await DocumentAsync("/search")).QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_GoThroughEveryRow_Once()
    {
        using var home = new SeededHome();
        for (var i = 0; i < 47; i++)
        {
            home.AddRun(i);
        }

        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Root, Url = "http://127.0.0.1:0" }, null, null, Cancel);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        Assert.Equal(50, (await LinksAsync(http, "/runs", "main tbody th a", 3)).Distinct().Count());
        Assert.Equal(47, (await LinksAsync(http, "/runs?job=old&size=10", "main tbody th a", 5)).Distinct().Count());
        Assert.Equal(47, (await LinksAsync(http, "/search?q=old&scope=run", ".found li a", 3)).Distinct().Count());
    }

    [Theory]
    [InlineData("job=nightly", 1)]
    [InlineData("trigger=manual", 3)]
    [InlineData("trigger=cron", 0)]
    [InlineData("by=command%20line&state=failed", 1)]
    [InlineData("since=2000-01-01", 3)]
    [InlineData("until=2000-01-01", 0)]
    [InlineData("param=train.batch_size=64", 1)]
    [InlineData("param=batch_size=64.0", 1)]
    [InlineData("param=train.batch_size=32", 0)]
    [InlineData("param=mine.batch_size=64", 0)]
    [InlineData("param=train.loss=margin", 1)]
    [InlineData("param=nonsense", 0)]
    [InlineData("q=quickst&state=succeeded", 1)]
    public async Task Runs_AreFiltered(string query, int expected)
    {
        var page = await DocumentAsync("/runs?" + query);
        Assert.Equal(expected, page.QuerySelectorAll("main tbody tr").Length);
        Assert.Contains(page.QuerySelectorAll(".counts-line a"), a => a.TextContent == "all3");
    }

    [Fact]
    public async Task Filter_IsSavedFoundAndDeleted_WithItsAudit()
    {
        await using var browser = await Browser.StartAsync();
        var (page, errors) = await browser.OpenAsync($"{fixture.Host.Address}/runs?state=failed&q=column");
        await page.GetByLabel("Save this filter as").FillAsync("broken columns");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.Locator(".saved-list a[aria-current]")).ToHaveTextAsync("broken columns");
        await Axe.AssertNothingSeriousAsync(page);
        await browser.PicturesAsync(page.Url, "runs-saved");
        await page.GotoAsync($"{fixture.Host.Address}/search?q=column");
        await Axe.AssertNothingSeriousAsync(page);
        await browser.PicturesAsync(page.Url, "search");
        await browser.PicturesAsync($"{fixture.Host.Address}/search", "search-empty");
        await page.GetByRole(AriaRole.Link, new() { Name = "broken columns", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("main tbody tr")).ToHaveCountAsync(1);
        Assert.Equal("broken columns|runs|q=column&state=failed", await SqliteShell.RunAsync(fixture.Home.Ledger, "SELECT name, scope, query FROM saved_filter", Cancel));
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete the saved filter broken columns" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "broken columns", Exact = true })).ToHaveCountAsync(0);
        Assert.Contains("/runs?q=column&state=failed", page.Url, StringComparison.Ordinal);
        var audit = await SqliteShell.RunAsync(fixture.Home.Ledger, "SELECT action, target, length(actor)>0 FROM audit ORDER BY seq", Cancel);
        Assert.Equal("filter.save|broken columns|1\nfilter.delete|broken columns|1", audit);
        Assert.Empty(errors);
    }

    [Theory]
    [InlineData("", "runs", "q=a", "1 to 60 characters")]
    [InlineData("x", "//evil.example", "q=a", "no page")]
    [InlineData("x", "runs", "after=1", "nothing to save")]
    public async Task Save_Refuses_WhatWillNotDo(string name, string scope, string query, string message)
    {
        var actions = new SavedFilterActions(fixture.Home, TimeProvider.System);
        var fault = await Assert.ThrowsAsync<WorkflowException>(() => actions.SaveAsync(name, scope, query, "me", Cancel));
        Assert.Contains(message, fault.Message, StringComparison.Ordinal);
    }

    static async Task<List<string>> LinksAsync(HttpClient http, string path, string selector, int pages)
    {
        var found = new List<string>();
        string? next = path;
        for (var page = 0; next is not null; page++)
        {
            Assert.True(page < pages, $"{path} has more than {pages} pages");
            var document = new HtmlParser().ParseDocument(await http.GetStringAsync(new Uri(next, UriKind.Relative), Cancel));
            found.AddRange(document.QuerySelectorAll(selector).Select(a => a.GetAttribute("href")!));
            next = document.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(found.Distinct().Count(), found.Count);
        return found;
    }

    async Task<IHtmlDocument> DocumentAsync(string path) => new HtmlParser().ParseDocument(await fixture.Http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel));

    /// <summary>A seeded home with options and a schedule to be found, served with saved filters.</summary>
    public sealed class Fixture : IAsyncLifetime
    {
        internal SeededHome Seeded { get; } = new();

        internal HomePaths Home => new(Seeded.Root);

        internal DashboardHost Host { get; private set; } = null!;

        internal HttpClient Http { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Seeded.Ledger.Write(db =>
            {
                db.Execute("INSERT INTO param_set(param_id, semantic_json, operational_json) VALUES ('q', ?1, ?2)", """{"batch_size":64,"loss":"margin"}""", """{"batch_size":64,"loss":"margin","mini_batch":8}""");
                db.Execute("UPDATE node SET param_id='q' WHERE run_id=?1 AND node_id='train'", SeededHome.Live);
                db.Execute("""
                    INSERT INTO schedule(schedule_key, job, name, file, folder, source, cron, zone, misfire, overlap, cursor_us, declared_us, changed_us)
                    VALUES ('quickstart/weekly', 'quickstart', 'weekly', 'jobs/quickstart.yaml', '/jobs', 'serve', '0 3 * * 1', 'Europe/Berlin', 'once', 'skip', 1, 1, 1)
                    """);
            });
            Host = await DashboardHost.StartAsync(new DashboardOptions { Home = Seeded.Root, Url = "http://127.0.0.1:0", Acts = new DashboardActs { Filters = new SavedFilterActions(Home, TimeProvider.System) } }, null, null, CancellationToken.None);
            Http = new HttpClient { BaseAddress = new Uri(Host.Address) };
        }

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Host.DisposeAsync();
            Seeded.Dispose();
        }
    }
}
