using Microsoft.Playwright;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The health page: each figure with what is normal and what to do.</summary>
public sealed class HealthPagesTests(BusyFixture fixture) : IClassFixture<BusyFixture>
{
    [Fact]
    public async Task Health_TellsFiguresWhatIsNormalAndWhatToDo()
    {
        fixture.Home.Ledger.Write(db =>
        {
            db.Execute("INSERT INTO event(ts_us, run_id, node_id, epoch, type) VALUES (?1, ?2, 'train', 1, 'node.fenced')", TimeProvider.System.Micros(), SeededHome.Live);
            db.Execute("INSERT INTO request(request_id, kind, run_id, actor, created_us) VALUES ('old', 'resume', ?1, 'mara', ?2)", SeededHome.Failed, TimeProvider.System.Micros() - 600_000_000);
            db.Execute("INSERT INTO sink(name, kind, target, start_seq, cursor_seq, tries, last_error, created_us) VALUES ('lineage', 'http', 'http://127.0.0.1:1/', 0, 0, 3, 'connection refused', 0)");
            db.Execute("UPDATE blob SET state='missing' WHERE hash=?1", SeededHome.Hash("scores"));
        });
        var browser = await fixture.BrowserAsync();
        var (page, errors) = await browser.OpenAsync(fixture.Host.Address + "/health");
        foreach (var name in new[] { "Ledger", "Write-ahead log", "Free disk space", "Search index", "Clock skew", "Oldest unanswered request", "Fenced and stale writes", "Lost attempts", "Damaged files", "Last garbage collection", "Sink lineage" })
        {
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true })).ToBeVisibleAsync();
        }

        var trouble = page.Locator(".notice.bad");
        foreach (var words in new[] { "Oldest unanswered request (10 min", "Fenced and stale writes (1)", "Damaged files (1)", "Sink lineage (1 behind)", "Servers (" })
        {
            await Assertions.Expect(trouble).ToContainTextAsync(words);
        }

        await Assertions.Expect(page.Locator("li", new() { HasText = "Sink lineage" })).ToContainTextAsync("connection refused");
        Assert.Equal(await page.Locator(".checks li").CountAsync(), await page.GetByText("Normal:").CountAsync());
        await Axe.AssertNothingSeriousAsync(page);
        await page.SetViewportSizeAsync(390, 844);
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= 390"));
        Assert.Empty(errors);
        await page.Context.CloseAsync();
        await browser.PicturesAsync(fixture.Host.Address + "/health", "health");
    }

    [Fact]
    public async Task Health_OfAnEmptyHome_SaysThatNothingServes()
    {
        var page = await fixture.DocumentAsync("/health", fixture.Empty);
        Assert.Contains("None is registered", page.QuerySelector("main")!.TextContent, StringComparison.Ordinal);
        Assert.Empty(page.QuerySelectorAll(".checks .bad"));
    }
}
