using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Pages of the cache: what was taken, what was not, and why.</summary>
public sealed class CachePagesTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Fact]
    public async Task Pages_ShowTheirRows_AndPassAxe()
    {
        await (await data.LookAsync("cache", $"{data.Host.Address}/cache", "of 14 looks", "Taken most often")).Context.CloseAsync();
        await (await data.LookAsync("cache-invalid", $"{data.Host.Address}/cache?show=invalid", DataHome.Hostile)).Context.CloseAsync();
        await (await data.LookAsync("cache-why", $"{data.Host.Address}/cache/why/{DataHome.Second}/train", "options.loss.temperature", "0.05", "Keys before it")).Context.CloseAsync();
        await (await data.LookAsync("empty-cache", $"{await data.EmptyAsync()}/cache", "No stage was looked up")).Context.CloseAsync();
    }

    [Fact]
    public async Task Tally_CountsHitsMissesAndTheWorkSaved()
    {
        var rows = (await data.DocumentAsync("/cache")).QuerySelectorAll("[aria-label='By stage'] tbody tr").ToDictionary(r => r.Children[0].TextContent, r => r.Children.Skip(2).Select(c => c.TextContent.Trim()).ToList());
        Assert.Equal(["1", "1", "50 %", "30 s"], rows["documents"]);
        Assert.Equal(["0", "6", "0 %", "0.0 s"], rows["mine"]);
        var rebuilt = data.Home.Ledger.Read(db => db.Query("SELECT (SELECT COUNT(*) FROM node_reuse), (SELECT COUNT(*) FROM attempt WHERE epoch=1)", r => (r.Number(0), r.Number(1))))[0];
        Assert.Equal(rebuilt, data.Home.Ledger.Read(db => db.Query("SELECT SUM(hits), SUM(misses) FROM memo_tally", r => (r.Number(0), r.Number(1))))[0]);
    }

    [Fact]
    public async Task Why_NamesWhoMadeTheNearestKey()
    {
        var page = await data.DocumentAsync($"/cache/why/{DataHome.Second}/train");
        var row = page.QuerySelectorAll("[aria-label='Keys before it'] tbody tr").Single();
        Assert.Equal($"/runs/{DataHome.First}/nodes/train", row.QuerySelector("th a")!.GetAttribute("href"));
        Assert.Equal($"/diff?a={DataHome.Second}&b={DataHome.First}", row.QuerySelector("td a")!.GetAttribute("href"));
        Assert.Contains(DataHome.First, (await data.DocumentAsync($"/cache/why/{DataHome.Second}/documents")).QuerySelector(".notice.good")!.TextContent, StringComparison.Ordinal);
    }
}
