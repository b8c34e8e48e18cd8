using Workflow.Dashboard;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>One seeded home, one dashboard over it and one browser for a class of tests that do not change what the others see.</summary>
public sealed class DashboardFixture : IAsyncLifetime
{
    Browser? browser;

    internal SeededHome Home { get; } = new();

    internal DashboardHost Host { get; private set; } = null!;

    /// <summary>Asks without a browser.</summary>
    internal HttpClient Http { get; private set; } = null!;

    /// <summary>The browser, started when first asked for; the test that asks is skipped where there is none.</summary>
    internal async Task<Browser> BrowserAsync() => browser ??= await Browser.StartAsync();

    public async ValueTask InitializeAsync()
    {
        Host = await DashboardHost.StartAsync(new DashboardOptions { Home = Home.Root, Url = "http://127.0.0.1:0", Refresh = TimeSpan.FromMilliseconds(200) }, null, null, CancellationToken.None);
        Http = new HttpClient { BaseAddress = new Uri(Host.Address) };
    }

    /// <summary>A page as a document.</summary>
    internal async Task<AngleSharp.Html.Dom.IHtmlDocument> DocumentAsync(string path) =>
        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Http.GetStringAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        Home.Dispose();
    }
}
