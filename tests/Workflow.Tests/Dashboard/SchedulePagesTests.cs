using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Playwright;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard;
using Workflow.Tests.Schedules;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The pages of schedules and what they can be asked.</summary>
public sealed class SchedulePagesTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static async Task<(ScheduledHome Home, DashboardHost Host, HttpClient Http)> StartAsync(bool act = true, bool readOnly = false)
    {
        var home = new ScheduledHome("2026-03-27T12:00:00");
        home.Declare("nightly: { cron: '30 2 * * *', zone: Europe/Berlin, misfire: skip }\nfresh: { on: { dataset: other } }");
        home.Set("2026-03-28T01:30:00");
        await home.LookAsync();
        home.Set("2026-03-29T12:00:00");
        await home.LookAsync();
        var paths = new HomePaths(Path.GetDirectoryName(home.File)!);
        var options = new DashboardOptions
        {
            Home = paths.Root,
            Url = "http://127.0.0.1:0",
            Time = home.Time,
            ReadOnly = readOnly,
            Refresh = TimeSpan.FromMilliseconds(200),
            Acts = new DashboardActs { Schedules = act ? new ScheduleCommandActions(paths, home.Time, home.Reader) : null },
        };
        var host = await DashboardHost.StartAsync(options, null, null, Cancel);
        return (home, host, new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(host.Address) });
    }

    static async Task<IHtmlDocument> OpenAsync(HttpClient http, string path) => new HtmlParser().ParseDocument(await http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel));

    [Fact]
    public async Task Pages_ShowWhenItFires_WhatRan_AndWhatWasMissed()
    {
        var (home, host, http) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var ___ = http;
        var list = await OpenAsync(http, "/schedules");
        Assert.Equal(["sample/fresh", "sample/nightly"], list.QuerySelectorAll("main tbody th a").Select(a => a.TextContent));
        Assert.Contains("at 02:30, every day", list.QuerySelector("main")!.TextContent);
        Assert.Contains("when other has a new version", list.QuerySelector("main")!.TextContent);
        Assert.Equal("30 2 * * *", list.QuerySelectorAll("main tbody td span[title]")[1].GetAttribute("title"));

        var page = await OpenAsync(http, "/schedules/sample/nightly");
        var next = page.QuerySelectorAll("[aria-label='Next fire times'] tbody tr").Select(l => string.Join('|', l.Children.Select(c => c.TextContent.Trim()))).ToList();
        Assert.Equal((10, "2026-03-30 02:30 +02:00|2026-03-30 00:30"), (next.Count, next[0]));
        Assert.Contains("2026-03-29 03:00 +02:00", page.QuerySelector("[aria-label=Missed]")!.TextContent);
        Assert.Contains("misfire skip", page.QuerySelector("[aria-label=Missed]")!.TextContent);
        Assert.Contains("2026-03-28 02:30 +01:00", page.QuerySelector("[aria-label='Last runs']")!.TextContent);
        Assert.Contains("a fire time missed while nobody served makes no run", page.QuerySelector("main")!.TextContent);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/schedules/sample/none", UriKind.Relative), Cancel)).StatusCode);
        Assert.Contains("No schedule fits", (await OpenAsync(http, "/schedules?q=nosuch")).QuerySelector("main")!.TextContent);
    }

    [Fact]
    public async Task Acts_OfThePage_AreDoneAndAudited_WithTheTokenOfThePage()
    {
        var (home, host, http) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var ___ = http;
        Assert.Contains("It is paused.", await PostAsync(http, "pause", ("reason", "bad <b>disk</b>"), ("until", "2026-03-30 06:00")));
        var paused = (await OpenAsync(http, "/schedules/sample/nightly")).QuerySelector("main .notice.warn")!.TextContent;
        Assert.Contains("bad <b>disk</b>", paused);
        Assert.Contains("It goes on by itself at 2026-03-30 06:00 +02:00", paused);
        Assert.Contains("until: found 'tomorrow'", await PostAsync(http, "pause", ("reason", "x"), ("until", "tomorrow")));
        Assert.Contains("It goes on from now.", await PostAsync(http, "resume", ("reason", "mended")));
        await PostAsync(http, "trigger", ("reason", "came late"));
        Assert.Equal("manual", await home.SqlAsync("SELECT trigger_kind FROM run ORDER BY created_us DESC LIMIT 1"));
        Assert.Contains("The backfill was asked for", await PostAsync(http, "backfill", ("reason", "january"), ("from", "2026-01-01"), ("to", "2026-01-04"), ("parallel", "2")));
        Assert.Equal("3 2 january", await home.SqlAsync("SELECT total || ' ' || parallel || ' ' || reason FROM backfill"));
        Assert.Contains("A reason is missing", await PostAsync(http, "pause", ("reason", " ")));
        await PostAsync(http, "remove", ("reason", "no longer"));
        var me = Environment.UserName;
        Assert.Equal($"{me} schedule.pause|{me} schedule.resume|{me} schedule.trigger|{me} schedule.backfill|{me} schedule.remove",
            await home.SqlAsync("SELECT group_concat(actor || ' ' || action, '|') FROM (SELECT * FROM audit ORDER BY seq)"));
        Assert.Contains($"removed by {me}: no longer", (await OpenAsync(http, "/schedules/sample/nightly")).QuerySelector("main")!.TextContent);
    }

    [Fact]
    public async Task TickedSchedules_ArePausedTogether_AndRemovedOnceAsked()
    {
        var (home, host, http) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var ___ = http;
        (string, string)[] both = [("key", "sample/fresh"), ("key", "sample/nightly")];
        Assert.Contains("2 paused.", await PostAsync(http, "/schedules", "/schedules/act", [.. both, ("act", "pause"), ("reason", "moving"), ("until", "12h")]));
        Assert.Equal("2", await home.SqlAsync("SELECT COUNT(*) FROM schedule WHERE paused_reason='moving' AND paused_until_us IS NOT NULL"));
        Assert.Contains("Remove 2 schedules?", await PostAsync(http, "/schedules", "/schedules/act", [.. both, ("act", "remove"), ("reason", "gone")]));
        Assert.Equal("0", await home.SqlAsync("SELECT COUNT(*) FROM schedule WHERE withdrawn_us IS NOT NULL"));
        Assert.Contains("2 removed", await PostAsync(http, "/schedules", "/schedules/act", [.. both, ("act", "remove"), ("reason", "gone"), ("sure", "yes")]));
        Assert.Equal("schedule.pause 2, schedule.remove 2", await home.SqlAsync("SELECT group_concat(action || ' ' || n, ', ') FROM (SELECT action, COUNT(*) n FROM audit GROUP BY action ORDER BY action)"));
        Assert.Contains("No job runs by itself yet", (await OpenAsync(http, "/schedules")).QuerySelector("main")!.TextContent);
        Assert.Equal(2, (await OpenAsync(http, "/schedules?state=withdrawn")).QuerySelectorAll("main tbody th").Length);
    }

    [Fact]
    public async Task List_OfFiveThousand_IsReadInParts_AndFindsOne()
    {
        var (home, host, http) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var ___ = http;
        home.Ledger.Write(db => db.Execute("""
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<5000)
            INSERT INTO schedule(schedule_key, job, name, file, folder, source, cron, zone, misfire, overlap, cursor_us, next_us, declared_us, changed_us)
            SELECT printf('job%04d/nightly', i), printf('job%04d', i), 'nightly', '/jobs/many.yaml', '/jobs', 'add', '0 3 * * *', 'UTC', 'once', 'skip', 0, 1, 0, 0 FROM n
            """));
        var first = await OpenAsync(http, "/schedules?size=100");
        Assert.Equal(("job0001/nightly", 100), (first.QuerySelector("main tbody th a")!.TextContent, first.QuerySelectorAll("main tbody th").Length));
        var second = await OpenAsync(http, first.QuerySelector("a[rel=next]")!.GetAttribute("href")!);
        Assert.Equal("job0101/nightly", second.QuerySelector("main tbody th a")!.TextContent);
        Assert.Equal(["job4711/nightly"], (await OpenAsync(http, "/schedules?q=JOB4711")).QuerySelectorAll("main tbody th a").Select(a => a.TextContent));
        var plan = await home.SqlAsync("EXPLAIN QUERY PLAN SELECT * FROM schedule WHERE schedule_key>'job0101' AND withdrawn_us IS NULL ORDER BY schedule_key LIMIT 21");
        Assert.Contains("SEARCH schedule USING INDEX sqlite_autoindex_schedule_1 (schedule_key>?)", plan);
        Assert.DoesNotContain("TEMP B-TREE", plan);
    }

    [Theory]
    [InlineData("/schedules/sample/nightly/pause")]
    [InlineData("/schedules/sample/nightly/remove")]
    [InlineData("/schedules/act")]
    public async Task Act_WithoutToken_IsRefused(string address)
    {
        var (home, host, http) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var ___ = http;
        using var answer = await http.PostAsync(new Uri(address, UriKind.Relative), new FormUrlEncodedContent([new("reason", "x"), new("act", "trigger"), new("key", "sample/nightly")]), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("0", await home.SqlAsync("SELECT COUNT(*) FROM audit"));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task Pages_OfferNoAct_WhereTheyOnlyShow(bool act, bool readOnly)
    {
        var (home, host, http) = await StartAsync(act, readOnly);
        using var _ = home;
        await using var __ = host;
        using var ___ = http;
        Assert.Empty((await OpenAsync(http, "/schedules/sample/nightly")).QuerySelectorAll("main form"));
        Assert.Empty((await OpenAsync(http, "/schedules")).QuerySelectorAll("main form[method=post], main input[type=checkbox]"));
    }

    [Fact]
    public async Task Pages_RunInABrowser_AndTickedRowsStayTicked_WhileTheListIsLive()
    {
        var (home, host, http) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var ___ = http;
        await using var browser = await Browser.StartAsync();
        var (page, errors) = await browser.OpenAsync(host.Address + "/schedules");
        await page.Locator("input[value='sample/nightly']").CheckAsync();
        await Assertions.Expect(page.Locator("[data-pick-count]")).ToHaveTextAsync("(1)");
        home.Control.Pause("sample/fresh", "ann", "while you look");
        await Assertions.Expect(page.Locator("main tbody")).ToContainTextAsync("while you look");
        await Assertions.Expect(page.Locator("input[value='sample/nightly']")).ToBeCheckedAsync();
        await page.Locator("[data-pick-all]").CheckAsync();
        await Assertions.Expect(page.Locator("[data-pick-count]")).ToHaveTextAsync("(2)");
        await Axe.AssertNothingSeriousAsync(page);
        await page.Locator("select[name=act]").SelectOptionAsync("pause");
        await page.Locator("fieldset input[name=reason]").FillAsync("the disk is full");
        await page.Locator("fieldset button").ClickAsync();
        await Assertions.Expect(page.Locator("[role=status].notice")).ToHaveTextAsync("2 paused.");
        Assert.Equal("the disk is full", await home.SqlAsync("SELECT DISTINCT paused_reason FROM schedule"));
        Assert.Empty(errors);

        home.Ledger.Write(db => db.Execute("INSERT INTO schedule_tick(schedule_key, kind, nominal_us, outcome, reason, decided_us) VALUES ('sample/nightly', 'cron', 1, 'error', 'jobs/job.yaml is at fault: ' || char(10) || 'line 3', 1)"));
        (page, errors) = await browser.OpenAsync(host.Address + "/schedules/sample/nightly");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Its newest fire time made no run");
        await page.Locator("details.act summary").First.ClickAsync();
        await Axe.AssertNothingSeriousAsync(page);
        Assert.Equal(1, await page.Locator("h1").CountAsync());
        Assert.Empty(errors);
        await browser.PicturesAsync(host.Address + "/schedules", "schedules");
        await browser.PicturesAsync(host.Address + "/schedules/sample/nightly", "schedule");
    }

    static Task<string> PostAsync(HttpClient http, string action, params (string Name, string Value)[] fields) => PostAsync(http, "/schedules/sample/nightly", $"/schedules/sample/nightly/{action}", fields);

    /// <summary>Posts a form as a page would, with its token, and answers with the page it leads to.</summary>
    static async Task<string> PostAsync(HttpClient http, string from, string address, params (string Name, string Value)[] fields)
    {
        var token = (await OpenAsync(http, from)).QuerySelector("main input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var answer = await http.PostAsync(new Uri(address, UriKind.Relative), new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]), Cancel);
        return new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Cancel)).QuerySelector("main")!.TextContent;
    }
}
