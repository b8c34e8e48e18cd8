using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using FaultHost;
using Workflow.Ledger;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>What a collector receives by OTLP, decoded by protoc and held against the ledger.</summary>
public sealed class OtlpTests : IAsyncDisposable
{
    readonly HttpListener collector = new();
    readonly ConcurrentQueue<(string Path, byte[] Body)> received = new();
    readonly Task serving;
    readonly string url;

    public OtlpTests()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        url = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        free.Stop();
        collector.Prefixes.Add(url + "/");
        collector.Start();
        serving = ServeAsync();
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_ArrivesAsATraceOfNodesAndAttempts_WithItsMetrics()
    {
        using var home = new OutsideHome($"otlp: {{ endpoint: '{url}' }}\n");
        var run = await home.RunAsync(home.Pipeline, Cancellation);
        var failed = await home.RunAsync(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "error" }, MaxTries = 2 }, Cancellation);
        var spans = (await DecodeAsync("/v1/traces", "Traces")).SelectMany(t => t.All("resource_spans")).SelectMany(r => r.All("scope_spans")).SelectMany(s => s.All("spans")).ToList();

        var trace = spans.Where(s => s.Hex("trace_id") == Guid.Parse(run.RunId).ToString("N")).ToList();
        var root = Assert.Single(trace, s => s.Text("parent_span_id").Length == 0);
        Assert.Equal(("run pipeline", run.RunId, "succeeded"), (root.Text("name"), root.Attributes["workflow.run"], root.Attributes["workflow.state"]));
        var nodes = trace.Where(s => s.Hex("parent_span_id") == root.Hex("span_id")).ToList();
        Assert.Equal(["read", "read/a", "read/b", "read/c", "sort", "train"], nodes.Select(n => n.Attributes["workflow.node"]).Order(StringComparer.Ordinal));
        using var ledger = LedgerDb.OpenRead(home.Home.Paths.Ledger, TimeProvider.System);
        foreach (var node in nodes)
        {
            var attempt = Assert.Single(trace, s => s.Hex("parent_span_id") == node.Hex("span_id"));
            var (id, started, ended) = ledger.Read(db => db.First("SELECT attempt_id, started_us, ended_us FROM attempt WHERE run_id=?1 AND node_id=?2", r => (r.Text(0), r.Number(1), r.Number(2)), run.RunId, node.Attributes["workflow.node"]));
            Assert.Equal((id, "ok", "committed"), (attempt.Attributes["workflow.attempt"], attempt.Attributes["workflow.exit_kind"], attempt.Attributes["workflow.outcome"]));

            // The event is stamped within the transaction that wrote the row.
            Assert.InRange(long.Parse(attempt.Text("start")) / 1000, started, started + 1_000_000);
            Assert.InRange(long.Parse(attempt.Text("end")) / 1000, ended, ended + 1_000_000);
        }

        Assert.NotEmpty(trace.Single(s => s.Text("name") == "attempt train").All("events"));

        var second = spans.Where(s => s.Hex("trace_id") == Guid.Parse(failed.RunId).ToString("N")).ToList();
        var tries = second.Where(s => s.Text("name") == "attempt three").OrderBy(s => s.Attributes["workflow.epoch"]).ToList();
        Assert.Equal(["retried", "failed"], tries.Select(t => t.Attributes["workflow.outcome"]));
        Assert.All(tries, t => Assert.Equal("2", Assert.Single(t.All("status")).Text("code")));
        Assert.Equal(tries[0].Hex("span_id"), Assert.Single(tries[1].All("links")).Hex("span_id"));

        var metrics = await DecodeAsync("/v1/metrics", "Metrics");
        Assert.All(metrics.SelectMany(m => m.All("resource_metrics")).SelectMany(r => r.All("resource")), r => Assert.Equal("workflow", r.Attributes["service.name"]));
        var points = metrics.SelectMany(m => m.All("resource_metrics")).SelectMany(r => r.All("scope_metrics")).SelectMany(s => s.All("metrics"))
            .Where(m => m.Text("name") == "workflow.attempt.duration").SelectMany(m => m.All("histogram")).SelectMany(h => h.All("data_points")).ToList();
        Assert.Equal(4, points.Where(p => p.Attributes["workflow.stage"] == "read").Sum(p => long.Parse(p.Text("count"))));
        Assert.Equal(1, points.Where(p => p.Attributes["workflow.outcome"] == "failed").Sum(p => long.Parse(p.Text("count"))));
    }

    [Fact]
    public async Task DeadCollector_StopsNothing()
    {
        await DisposeAsync();
        using var home = new OutsideHome($"otlp: {{ endpoint: '{url}' }}\n");
        Assert.True((await home.RunAsync(new FakeJob { Shape = "three" }, Cancellation)).Succeeded);
    }

    async Task<List<ProtoText>> DecodeAsync(string path, string message)
    {
        var decoded = new List<ProtoText>();
        foreach (var (_, body) in received.Where(r => r.Path == path))
        {
            decoded.Add(await ProtoText.DecodeAsync(body, message, Cancellation));
        }

        Assert.NotEmpty(decoded);
        return decoded;
    }

    async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await collector.GetContextAsync();
            }
            catch (Exception fault) when (fault is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            received.Enqueue((context.Request.RawUrl!, body.ToArray()));
            context.Response.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        collector.Close();
        await serving;
    }
}
