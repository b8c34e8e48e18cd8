using System.Text.Json;
using Microsoft.Playwright;
using Workflow.Cli;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Two runs side by side, on the page and on the command line.</summary>
public sealed class DiffPagesTests(DataFixture data) : IClassFixture<DataFixture>
{
    [Fact]
    public async Task Pages_ShowWhatDiffers_AndPassAxe()
    {
        var page = await data.LookAsync("diff", $"{data.Host.Address}/diff?a={DataHome.Second}", "train.loss.temperature", "aaa111", "changed", "over 45 queries");
        await page.GetByLabel("also what is the same").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("train.epochs");
        await page.Context.CloseAsync();
        await (await data.LookAsync("empty-diff", $"{await data.EmptyAsync()}/diff", "There are no runs here yet")).Context.CloseAsync();
    }

    [Fact]
    public async Task Diff_TakesTheRunBefore_AndPutsTheEarlierFirst()
    {
        foreach (var path in new[] { $"/diff?a={DataHome.Second}", $"/diff?a={DataHome.First}&b={DataHome.Second}" })
        {
            var page = await data.DocumentAsync(path);
            Assert.Equal([DataHome.First, DataHome.Second], page.QuerySelectorAll("[aria-label='The two runs'] td a").Select(a => a.TextContent));
            Assert.Equal(["train.loss.temperature", "0.05", "0.02"], page.QuerySelectorAll("[aria-label=Parameters] tbody tr").Single().Children.Select(c => c.TextContent));
            var changes = page.QuerySelectorAll("[aria-label=Data] tbody tr").Select(r => $"{r.Children[0].TextContent}.{r.Children[1].TextContent} {r.Children[2].TextContent}").ToList();
            Assert.Contains("pairs.made pairs changed", changes);
            Assert.DoesNotContain(changes, c => c.StartsWith("documents", StringComparison.Ordinal));
        }

        Assert.Contains("There is none before it", (await data.DocumentAsync($"/diff?a={DataHome.First}")).QuerySelector("main")!.TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Command_TellsTheSame_WithThePairedInterval()
    {
        using var output = new StringWriter();
        var context = new CliContext(Workflow.Stages.StageTable.Default, TimeProvider.System, output, TextWriter.Null, data.Home.Root) { Tables = Composition.Tables };
        Assert.Equal(0, await CommandLine.RunAsync(["diff", DataHome.Second, DataHome.First, "--json", "--home", data.Home.Root], context, TestContext.Current.CancellationToken));
        using var json = JsonDocument.Parse(output.ToString());
        Assert.Equal(DataHome.First, json.RootElement.GetProperty("before").GetProperty("run_id").GetString());
        var changed = json.RootElement.GetProperty("parameters").EnumerateArray().Where(p => !p.GetProperty("same").GetBoolean()).Select(p => p.GetProperty("name").GetString());
        Assert.Equal(["train.loss.temperature"], changed);
        var score = json.RootElement.GetProperty("scores").EnumerateArray().First(s => s.GetProperty("name").GetString() == "ndcg@10");

        // Every query is better by the same amount: the interval is a point.
        Assert.Equal(.15, score.GetProperty("difference").GetDouble(), 6);
        Assert.Equal(.15, score.GetProperty("low").GetDouble(), 6);
        Assert.Equal(45, score.GetProperty("queries").GetInt32());
        output.GetStringBuilder().Clear();
        Assert.Equal(0, await CommandLine.RunAsync(["diff", DataHome.Second, "--home", data.Home.Root], context, TestContext.Current.CancellationToken));
        Assert.Contains("train.loss.temperature", output.ToString(), StringComparison.Ordinal);
    }
}
