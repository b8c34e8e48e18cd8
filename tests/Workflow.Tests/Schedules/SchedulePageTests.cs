using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Microsoft.Playwright;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard;
using Workflow.Tests.Dashboard;
using Xunit;

namespace Workflow.Tests.Schedules;

/// <summary>The pages of schedules and what they can be asked.</summary>
public sealed class SchedulePageTests
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    static async Task<(ScheduledHome Home, DashboardHost Host)> StartAsync(bool act = true)
    {
        var home = new ScheduledHome("2026-03-27T12:00:00");
        home.Declare("nightly: { cron: '30 2 * * *', zone: Europe/Berlin, misfire: skip }\nfresh: { on: { dataset: other } }");
        home.Set("2026-03-28T01:30:00");
        await home.LookAsync();
        home.Set("2026-03-29T12:00:00");
        await home.LookAsync();
        var paths = new HomePaths(Path.GetDirectoryName(home.File)!);
        var options = new DashboardOptions { Home = paths.Root, Url = "http://127.0.0.1:0", Time = home.Time, Refresh = TimeSpan.FromMilliseconds(200), Acts = new DashboardActs { Schedules = act ? new ScheduleCommandActions(paths, home.Time, home.Reader) : null } };
        return (home, await DashboardHost.StartAsync(options, null, null, Cancel));
    }

    static async Task<IHtmlDocument> OpenAsync(HttpClient http, string path) => new HtmlParser().ParseDocument(await http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel));

    [Fact]
    public async Task Pages_ShowWhenItFires_WhatRan_AndWhatWasMissed()
    {
        var (home, host) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        var list = await OpenAsync(http, "/schedules");
        Assert.Equal(["sample/fresh", "sample/nightly"], list.QuerySelectorAll("main tbody th a").Select(a => a.TextContent));
        Assert.Contains("at 02:30, every day", list.QuerySelector("main")!.TextContent);
        Assert.Contains("when other has a new version", list.QuerySelector("main")!.TextContent);

        var page = await OpenAsync(http, "/schedules/sample/nightly");
        var next = page.QuerySelectorAll("ol.next li").Select(l => l.TextContent.Trim()).ToList();
        Assert.Equal((10, "2026-03-30 02:30 +02:00"), (next.Count, next[0]));
        Assert.Contains("2026-03-29 03:00 +02:00", page.QuerySelector("[aria-label=Missed]")!.TextContent);
        Assert.Contains("misfire skip", page.QuerySelector("[aria-label=Missed]")!.TextContent);
        Assert.Contains("2026-03-28 02:30 +01:00", page.QuerySelector("[aria-label='Last runs']")!.TextContent);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/schedules/sample/none", UriKind.Relative), Cancel)).StatusCode);
    }

    [Fact]
    public async Task Actions_PauseResumeAndTrigger_WithTheTokenOfThePage()
    {
        var (home, host) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var http = new HttpClient(new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(host.Address) };
        Assert.Contains("It is paused.", await PostAsync(http, "pause", ("reason", "bad <b>disk</b>")));
        var paused = await OpenAsync(http, "/schedules/sample/nightly");
        Assert.Contains("bad <b>disk</b>", paused.QuerySelector("main .notice.warn")!.TextContent);
        Assert.Contains("It goes on from now.", await PostAsync(http, "resume", ("reason", "mended")));
        Assert.Contains("Order of work", await PostAsync(http, "trigger", ("reason", "came late")));
        Assert.Equal("manual", await home.SqlAsync("SELECT trigger_kind FROM run ORDER BY created_us DESC LIMIT 1"));
        Assert.Equal("dashboard schedule.pause\ndashboard schedule.resume\ndashboard schedule.trigger", await home.SqlAsync("SELECT actor || ' ' || action FROM audit ORDER BY seq"));
        Assert.Contains("A reason is missing", await PostAsync(http, "pause", ("reason", " ")));
    }

    [Theory]
    [InlineData("pause")]
    [InlineData("resume")]
    [InlineData("trigger")]
    public async Task Action_WithoutToken_IsRefused(string action)
    {
        var (home, host) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        using var answer = await http.PostAsync(new Uri($"/schedules/sample/nightly/{action}", UriKind.Relative), new FormUrlEncodedContent([new("reason", "x")]), Cancel);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("0", await home.SqlAsync("SELECT COUNT(*) FROM audit"));
    }

    [Fact]
    public async Task Page_OffersNoAction_WhereItOnlyShows()
    {
        var (home, host) = await StartAsync(act: false);
        using var _ = home;
        await using var __ = host;
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        Assert.Empty((await OpenAsync(http, "/schedules/sample/nightly")).QuerySelectorAll("main form"));
    }

    [Fact]
    public async Task Pages_RunInABrowser_WithACleanConsole()
    {
        var (home, host) = await StartAsync();
        using var _ = home;
        await using var __ = host;
        await using var browser = await Browser.StartAsync();
        foreach (var (name, path, expected) in new[] { ("schedules", "/schedules", "at 02:30, every day"), ("schedule", "/schedules/sample/nightly", "Next in Europe/Berlin") })
        {
            var (page, errors) = await browser.OpenAsync(host.Address + path);
            await Assertions.Expect(page.Locator("main")).ToContainTextAsync(expected);
            Assert.Equal(1, await page.Locator("h1").CountAsync());
            Assert.Empty(errors);
            await browser.PicturesAsync(host.Address + path, name);
        }
    }

    /// <summary>Posts a form as the schedule's page would, with its token, and answers with the page it leads to.</summary>
    static async Task<string> PostAsync(HttpClient http, string action, params (string Name, string Value)[] fields)
    {
        var page = await OpenAsync(http, "/schedules/sample/nightly");
        var token = page.QuerySelector("main input[name=__RequestVerificationToken]")!.GetAttribute("value")!;
        using var answer = await http.PostAsync(new Uri($"/schedules/sample/nightly/{action}", UriKind.Relative),
            new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(f => KeyValuePair.Create(f.Name, f.Value))]), Cancel);
        return new HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(Cancel)).QuerySelector("main")!.TextContent;
    }
}
