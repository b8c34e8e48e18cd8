using System.Collections.Concurrent;
using Bench;
using Workflow.Dashboard;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Every page, live part and read of the dashboard over a generated history: each answers, and none of their statements reads a growing table through, by SQLite's own plan of it.</summary>
public sealed class VolumeTests
{
    [Fact]
    public async Task NoPage_ReadsAGrowingTableThrough()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var home = new TestHome();
        using (var ledger = LedgerDb.Open(home.Paths.Ledger, TimeProvider.System))
        {
            new DashboardHome(ledger, new DashboardVolume(1_500, 300, 20_000, 7), TimeProvider.System.Micros()).Fill(null);
        }

        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Root, Url = "http://127.0.0.1:0" }, null, null, cancellation);
        var asking = "";
        var statements = new ConcurrentDictionary<string, string>(StringComparer.Ordinal);
        var pages = host.Ledger.Read(db => new DashboardAddresses(db)).Of(host.Patterns).ToList();
        using (var watched = new HttpClient { BaseAddress = new Uri(host.Address) })
        {
            host.Ledger.Watch = cost => statements.TryAdd(cost.Sql, asking);
            for (var at = 0; at < pages.Count; at++)
            {
                asking = pages[at].Address;
                using var leave = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
                using var answer = await watched.GetAsync(new Uri(asking, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, leave.Token);
                Assert.True((int)answer.StatusCode < 500 || asking.StartsWith("/healthz/", StringComparison.Ordinal), $"{asking} answered {(int)answer.StatusCode}");
                if (answer.Content.Headers.ContentType?.MediaType == "text/html")
                {
                    var document = new AngleSharp.Html.Parser.HtmlParser().ParseDocument(await answer.Content.ReadAsStringAsync(leave.Token));
                    if (document.QuerySelector("a[rel=next]")?.GetAttribute("href") is { } next && !asking.Contains("after=", StringComparison.Ordinal))
                    {
                        pages.Add((pages[at].Pattern, next));
                    }
                }
                else
                {
                    await using var body = await answer.Content.ReadAsStreamAsync(leave.Token);
                    await body.ReadAtLeastAsync(new byte[1], 1, throwOnEndOfStream: false, leave.Token);
                }

                await leave.CancelAsync();
            }
        }

        host.Ledger.Watch = null;
        Assert.True(pages.Count > 30 && statements.Count > 30, $"{pages.Count} pages ran {statements.Count} statements");
        var faults = host.Ledger.Read(db => statements.SelectMany(s => DashboardPlans.Faults(db, s.Key).Select(f => $"{s.Value}: {f}\n    {s.Key}")).Order(StringComparer.Ordinal).ToList());
        Assert.True(faults.Count == 0, string.Join("\n\n", faults));
    }
}
