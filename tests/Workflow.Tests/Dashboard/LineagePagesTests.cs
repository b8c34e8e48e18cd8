using System.Net;
using System.Text.Json;
using Microsoft.Playwright;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Pages of data sets, artifacts and lineage over a home with files.</summary>
public sealed class LineagePagesTests(DataFixture data) : IClassFixture<DataFixture>
{
    static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pages_ShowTheirRows_AndPassAxe()
    {
        var address = data.Host.Address;
        await (await data.LookAsync("datasets", $"{address}/datasets", "catalogue/pairs.pairs", "corpus", "named by a job")).Context.CloseAsync();
        await (await data.LookAsync("dataset", $"{address}/datasets/catalogue/pairs.pairs", "2 versions", "note added")).Context.CloseAsync();
        await (await data.LookAsync("artifact", $"{address}/artifacts/{data.Home["pairs"]}", "Rows of part-00000.parquet", DataHome.Hostile)).Context.CloseAsync();
        await (await data.LookAsync("row", $"{address}/artifacts/{data.Home["mined"]}/row?file=negatives-00000.parquet&row=2", "the third row", "in/guides.jsonl"[3..])).Context.CloseAsync();
        var page = await data.LookAsync("lineage", $"{address}/lineage/{data.Home["mined"]}", "mine ×4", "As of run", "The same in words");
        await Assertions.Expect(page.Locator(".graph .here")).ToBeInViewportAsync();
        await page.Locator(".graph a.node").First.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(url => !url.Contains("/lineage/", StringComparison.Ordinal));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Pages_SayWhatWouldFillThem_WhenTheHomeIsEmpty()
    {
        var address = await data.EmptyAsync();
        await (await data.LookAsync("empty-datasets", $"{address}/datasets", "Nothing was made here yet")).Context.CloseAsync();
        await (await data.LookAsync("empty-lineage", $"{address}/lineage", "Nothing was made here yet")).Context.CloseAsync();
    }

    [Fact]
    public async Task Lineage_FoldsPartitions_AndDrawsWhatWasMadeBothWays()
    {
        var page = await data.DocumentAsync($"/lineage/{data.Home["mined"]}");
        var boxes = page.QuerySelectorAll(".graph .node .label").Select(l => l.TextContent).ToList();
        Assert.Equal(["documents", "documents", "in/guides.jsonl", "mine ×4", "mined", "model", "pairs", "pairs", "scores", "scores", "train"], boxes.Order(StringComparer.Ordinal));
        Assert.Equal(boxes.Count, page.QuerySelectorAll(".words tbody tr").Length);
    }

    [Fact]
    public async Task Lineage_AsOfARun_LeavesOutWhatLaterRunsMade()
    {
        var all = await data.DocumentAsync($"/lineage/{data.Home["documents"]}?dir=down");
        var then = await data.DocumentAsync($"/lineage/{data.Home["documents"]}?dir=down&run={DataHome.First}");
        Assert.Contains(data.Home["model-2"], Links(all));
        Assert.Contains(data.Home["model"], Links(then));
        Assert.DoesNotContain(data.Home["model-2"], Links(then));
        Assert.Contains(DataHome.First[^12..], then.QuerySelector(".about")!.TextContent, StringComparison.Ordinal);

        // What a run took from the cache belongs to it as well.
        var reused = await data.DocumentAsync($"/lineage/{data.Home["documents"]}?dir=up&run={DataHome.Second}");
        Assert.Contains("in/guides.jsonl", reused.QuerySelector(".words")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lineage_TellsWhatItLeavesOut_AndTheWayOn()
    {
        var page = await data.DocumentAsync($"/lineage/{data.Home["scores"]}?dir=up&depth=1");
        var note = page.QuerySelectorAll(".cut-note").First(n => n.TextContent.Contains("model", StringComparison.Ordinal));
        Assert.Contains("was itself made from more", note.TextContent, StringComparison.Ordinal);
        Assert.Equal($"/lineage/{data.Home["model"]}?dir=up", note.QuerySelector("a")!.GetAttribute("href"));
    }

    [Fact]
    public async Task Lineage_ComesAsFiles_InTheFormsOfTheCommandLine()
    {
        var id = data.Home["model"];
        using var json = JsonDocument.Parse(await data.Http.GetStringAsync(new Uri($"/lineage/{id}/json?dir=up", UriKind.Relative), Cancel));
        Assert.Equal(id, json.RootElement.GetProperty("start").GetString());
        Assert.StartsWith("digraph lineage {", await data.Http.GetStringAsync(new Uri($"/lineage/{id}/dot?dir=up", UriKind.Relative), Cancel));
        var events = (await data.Http.GetStringAsync(new Uri($"/lineage/{id}/openlineage?dir=up", UriKind.Relative), Cancel)).Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("eventType").GetString()).ToList();
        Assert.Contains("START", events);
        Assert.Contains("COMPLETE", events);
    }

    [Fact]
    public async Task Row_LeadsToItsDocumentAndSourceRow()
    {
        var page = await data.DocumentAsync($"/artifacts/{data.Home["pairs"]}/row?file=part-00000.parquet&row=2");
        Assert.Equal(["Row 2 of pairs", "Document", "Source row"], page.QuerySelectorAll(".chain h2").Select(h => h.TextContent));
        var fields = page.QuerySelectorAll(".chain li:last-child dd").Select(d => d.TextContent).ToList();
        Assert.Equal(["guides.jsonl", "2", "5d1a", DataHome.SourceRow], fields);
        Assert.Empty(page.QuerySelectorAll(".chain script, .chain img"));
        var mined = await data.DocumentAsync($"/artifacts/{data.Home["mined"]}/row?file=negatives-00000.parquet&row=0");
        Assert.Equal(["Row 0 of mined", "Pair", "Document of the positive", "Source row", "Document of the negative", "Source row"], mined.QuerySelectorAll(".chain h2").Select(h => h.TextContent));
        var beyond = await data.DocumentAsync($"/artifacts/{data.Home["pairs"]}/row?file=part-00000.parquet&row=99");
        Assert.Contains("it has 45", beyond.QuerySelector(".chain")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rows_GoOnTwentyAtATime_AndTextFilesShowLines()
    {
        var first = await data.DocumentAsync($"/artifacts/{data.Home["pairs"]}");
        Assert.Equal(20, first.QuerySelectorAll("table.rows tbody tr").Length);
        var last = await data.DocumentAsync($"/artifacts/{data.Home["pairs"]}?file=part-00000.parquet&from=40");
        Assert.Equal(["q40", "q41", "q42", "q43", "q44"], last.QuerySelectorAll("table.rows tbody tr").Select(r => r.Children[1].TextContent));
        Assert.Empty(last.QuerySelectorAll("a[rel=next]"));
        var model = await data.DocumentAsync($"/artifacts/{data.Home["model"]}");
        Assert.Equal("""{"dimensions":64}""", model.QuerySelector("table.rows tbody td:last-child")!.TextContent);
    }

    [Fact]
    public async Task DataSets_FilterAndGoOnBehindACursor()
    {
        Assert.Equal(["catalogue/pairs.pairs"], await NamesAsync("/datasets?q=PAIRS"));
        Assert.Equal(["catalogue/documents.documents", "corpus"], (await NamesAsync("/datasets?kind=documents")).Order(StringComparer.Ordinal));
        Assert.Empty(await NamesAsync("/datasets?q=nosuch"));
        var all = await NamesAsync("/datasets");
        Assert.Equal(6, all.Count);
        using var missing = await data.Http.GetAsync(new Uri("/datasets/no/such.set", UriKind.Relative), Cancel);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    async Task<List<string>> NamesAsync(string path) => [.. (await data.DocumentAsync(path)).QuerySelectorAll("main table tbody th a").Select(a => a.TextContent)];

    static List<string> Links(AngleSharp.Html.Dom.IHtmlDocument page) => [.. page.QuerySelectorAll(".words a").Select(a => a.GetAttribute("href")!.Split('/')[^1])];
}
