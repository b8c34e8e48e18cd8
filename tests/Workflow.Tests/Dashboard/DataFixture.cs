using Microsoft.Playwright;
using Workflow.Cli;
using Workflow.Dashboard;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>A home with data, a dashboard over it that reads tables and takes acts, an empty one, and one browser, for a class of tests.</summary>
public sealed class DataFixture : IAsyncLifetime
{
    readonly TestHome none = new();
    Browser? browser;
    DashboardHost? empty;

    internal DataHome Home { get; } = new();

    internal DashboardHost Host { get; private set; } = null!;

    internal HttpClient Http { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await DashboardHost.StartAsync(
            new DashboardOptions { Home = Home.Root, Url = "http://127.0.0.1:0", Refresh = TimeSpan.FromMilliseconds(200), Acts = new DashboardActs { Storage = new StorageActions(Home.Paths, TimeProvider.System) } },
            null, new TableSamples(Composition.CommandLine()), CancellationToken.None);
        Http = new HttpClient { BaseAddress = new Uri(Host.Address) };
    }

    /// <summary>A page as a document.</summary>
    internal async Task<AngleSharp.Html.Dom.IHtmlDocument> DocumentAsync(string path) => new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken));

    internal async Task<Browser> BrowserAsync() => browser ??= await Browser.StartAsync();

    /// <summary>Address of a dashboard over an empty home.</summary>
    internal async Task<string> EmptyAsync() => (empty ??= await DashboardHost.StartAsync(new DashboardOptions { Home = none.Root, Url = "http://127.0.0.1:0" }, null, null, CancellationToken.None)).Address;

    /// <summary>Opens a page, holds it against what it must say, axe's rules and a clean console, and takes its pictures.</summary>
    internal async Task<IPage> LookAsync(string name, string address, params string[] expected)
    {
        var browser = await BrowserAsync();
        var (page, errors) = await browser.OpenAsync(address);
        foreach (var text in expected)
        {
            await Assertions.Expect(page.Locator("main")).ToContainTextAsync(text);
        }

        Assert.Equal(1, await page.Locator("h1").CountAsync());
        Assert.NotEqual("owned", await page.TitleAsync());
        Assert.Equal(0, await page.Locator("main img, main script, body [onerror]").CountAsync());
        Assert.Contains("As of", await page.Locator("body").InnerTextAsync(), StringComparison.Ordinal);
        await Axe.AssertNothingSeriousAsync(page);
        Assert.Empty(errors);
        await browser.PicturesAsync(address, name);
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        if (empty is not null)
        {
            await empty.DisposeAsync();
        }

        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        Home.Dispose();
        none.Dispose();
    }
}
