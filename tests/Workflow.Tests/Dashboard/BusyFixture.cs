using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>One busy home, an empty one, a dashboard over each, and one browser for a class of tests.</summary>
public sealed class BusyFixture : IAsyncLifetime
{
    Browser? browser;

    internal BusyHome Home { get; } = new();

    internal TestHome Blank { get; } = new();

    internal DashboardHost Host { get; private set; } = null!;

    internal DashboardHost Empty { get; private set; } = null!;

    /// <summary>The busy home for looking only.</summary>
    internal DashboardHost ReadOnly { get; private set; } = null!;

    internal HttpClient Http { get; } = new(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false });

    internal async Task<Browser> BrowserAsync() => browser ??= await Browser.StartAsync();

    public async ValueTask InitializeAsync()
    {
        Host = await StartAsync(Home.Root, readOnly: false);
        Empty = await StartAsync(Blank.Root, readOnly: false);
        ReadOnly = await StartAsync(Home.Root, readOnly: true);
    }

    /// <summary>A page as a document.</summary>
    internal async Task<AngleSharp.Html.Dom.IHtmlDocument> DocumentAsync(string path, DashboardHost? host = null) =>
        new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await Http.GetStringAsync(new Uri((host ?? Host).Address + path), TestContext.Current.CancellationToken));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        await Empty.DisposeAsync();
        await ReadOnly.DisposeAsync();
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        Home.Dispose();
        Blank.Dispose();
    }

    static Task<DashboardHost> StartAsync(string home, bool readOnly)
    {
        var paths = new HomePaths(home);
        var acts = new LedgerActs(paths, TimeProvider.System);
        var options = new DashboardOptions { Home = home, Url = "http://127.0.0.1:0", Refresh = TimeSpan.FromMilliseconds(200), ReadOnly = readOnly, Acts = new DashboardActs { Nodes = acts, Queues = acts, Bulk = acts } };
        return DashboardHost.StartAsync(options, null, null, CancellationToken.None);
    }
}
