using Microsoft.Playwright;
using Workflow.Dashboard.AuditPages;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The audit: its lines, filters, pages and file.</summary>
public sealed class AuditPagesTests(DashboardFixture fixture) : IClassFixture<DashboardFixture>
{
    static readonly long Start = DateTimeOffset.Parse("2026-03-01T00:00:00Z").Micros();

    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Audit_ListsFiltersAndPages()
    {
        var empty = (await fixture.DocumentAsync("/audit?actor=nobody")).QuerySelector("main")!.TextContent;
        Assert.Contains("No line fits", empty, StringComparison.Ordinal);
        Seed();
        Assert.Equal(20, (await RowsAsync("/audit")).Count);
        Assert.Equal(10, (await RowsAsync("/audit?actor=anna&action=cancel&size=10")).Count);
        var node = Assert.Single(await RowsAsync("/audit?action=node.requeue"));
        Assert.Contains("the disk was full", node, StringComparison.Ordinal);
        Assert.Contains("state failed", node, StringComparison.Ordinal);

        // Two days of lines, an hour each: the second day's first six hours.
        Assert.Equal(6, (await RowsAsync("/audit?since=2026-03-02&until=2026-03-02T06:00&actor=hourly")).Count);
        var seen = new List<string>();
        for (var path = "/audit?actor=hourly&size=20"; path is not null;)
        {
            var page = await fixture.DocumentAsync(path);
            seen.AddRange(page.QuerySelectorAll("table.audit tbody tr").Select(r => r.QuerySelector("time")!.GetAttribute("datetime")!));
            path = page.QuerySelector("a[rel=next]")?.GetAttribute("href");
        }

        Assert.Equal(48, seen.Count);
        Assert.Equal(seen.Distinct().OrderDescending(StringComparer.Ordinal), seen);
        var links = await fixture.DocumentAsync("/audit?actor=links");
        Assert.Equal([$"/artifacts/{SeededHome.Hash("model")}", "/schedules/nightly/at-two", $"/runs/{SeededHome.Failed}/nodes/mine/00007", $"/runs/{SeededHome.Live}"],
            links.QuerySelectorAll("table.audit td:nth-child(4) a:first-child").Where(a => !a.HasAttribute("class")).Select(a => a.GetAttribute("href")));
    }

    [Fact]
    public async Task Audit_IsDownloadedWhole_AndItsCellsAreNoFormulas()
    {
        Seed();
        using var answer = await fixture.Http.GetAsync(new Uri("/audit.csv?actor=hourly", UriKind.Relative), Cancel);
        Assert.StartsWith("attachment; filename=\"audit-", answer.Content.Headers.GetValues("Content-Disposition").Single(), StringComparison.Ordinal);
        var lines = (await answer.Content.ReadAsStringAsync(Cancel)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(49, lines.Length);
        Assert.Equal("seq,time,actor,action,target,reason,before", lines[0]);
        Assert.EndsWith(",\"hourly\",\"cancel\",\"run 47\",\"'=1+1 \"\"quoted\"\"\",\"\"", lines[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Audit_WalksAnIndex_WhateverIsAskedFor()
    {
        Seed();
        foreach (var filter in new AuditFilter[] { new(), new(Actor: "anna"), new(Action: "cancel"), new(Target: "x"), new(Actor: "anna", Action: "cancel"), new(Since: DateTimeOffset.Parse("2026-03-02T00:00:00Z"), Until: DateTimeOffset.Parse("2026-03-03T00:00:00Z")) })
        {
            var plan = fixture.Home.Ledger.Read(db =>
            {
                var (sql, arguments) = AuditQueries.Statement(db, filter);
                return db.Query($"EXPLAIN QUERY PLAN {sql}", r => r.Text(3), arguments);
            });
            Assert.All(plan, p => Assert.StartsWith("SEARCH", p, StringComparison.Ordinal));
        }

    }

    [Fact]
    public async Task Audit_IsLive_AndReadable()
    {
        Seed();
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync($"{fixture.Host.Address}/audit");
        await Axe.AssertNothingSeriousAsync(page);
        fixture.Home.Ledger.Write(db => Line(db, Start + 9_000_000_000_000, "late", "queue.pause", "gpu", "the card is too hot"));
        await Assertions.Expect(page.Locator("table.audit tbody tr").First).ToContainTextAsync("the card is too hot");
        Assert.Empty(errors);
        await page.Context.CloseAsync();
        await browser.PicturesAsync($"{fixture.Host.Address}/audit", "audit");
    }

    async Task<List<string>> RowsAsync(string path) =>
        [.. (await fixture.DocumentAsync(path)).QuerySelectorAll("table.audit tbody tr").Select(r => string.Join(' ', r.TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)))];

    void Seed() => fixture.Home.Ledger.Write(db =>
    {
        if (db.Number("SELECT COUNT(*) FROM audit WHERE actor='hourly'") > 0)
        {
            return;
        }

        for (var hour = 0; hour < 48; hour++)
        {
            Line(db, Start + (hour * 3_600_000_000L), "hourly", "cancel", $"run {hour}", "=1+1 \"quoted\"");
        }

        var at = Start + (48 * 3_600_000_000L);
        for (var i = 0; i < 12; i++)
        {
            Line(db, at++, "anna", "cancel", SeededHome.Finished, "the corpus is the wrong one");
        }

        Line(db, at++, "links", "priority", SeededHome.Live, "urgent");
        Line(db, at++, "links", "node.requeue", $"{SeededHome.Failed}/mine/00007", "the disk was full", """{"state":"failed","epoch":2,"next":null}""");
        Line(db, at++, "links", "schedule.pause", "nightly/at-two", "a holiday");
        Line(db, at++, "links", "pin", SeededHome.Hash("model"), "the one in production");
    });

    static void Line(LedgerConnection db, long at, string actor, string action, string target, string reason, string? before = null) =>
        db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason, before_json) VALUES (?1, ?2, ?3, ?4, ?5, ?6)", at, actor, action, target, reason, before);
}
