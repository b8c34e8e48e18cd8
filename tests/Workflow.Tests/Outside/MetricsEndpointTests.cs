using FaultHost;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>What a served home answers at /metrics, read by Prometheus's parser and held against the ledger as sqlite3 reads it.</summary>
public sealed class MetricsEndpointTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_AgreeWithTheLedger()
    {
        using var home = new OutsideHome("sinks:\n- { name: lineage, kind: openlineage-file, path: lineage.jsonl }\n- { name: dead, kind: webhook, url: 'http://127.0.0.1:1/', events: ['*'] }\n");
        await using var served = await ServedHomeFixture.StartAsync(home, Cancellation);
        await home.RunAsync(home.Pipeline, Cancellation);
        await home.RunAsync(home.Pipeline, Cancellation);
        await home.RunAsync(new FakeJob { Shape = "three", Options = new FakeOptions { Fault = "error" }, MaxTries = 2 }, Cancellation);
        var (status, type, body) = await served.GetAsync("/metrics", Cancellation);
        Assert.Equal((200, "text/plain; version=0.0.4; charset=utf-8"), (status, type));
        var families = await PrometheusParser.ParseAsync(body, Cancellation);
        Assert.All(families.SelectMany(f => f.Samples).GroupBy(s => (s.Name, string.Join(',', s.Labels.OrderBy(l => l.Key).Select(l => $"{l.Key}={l.Value}")))), g => Assert.Single(g));

        Assert.Equal(2, families.Value("workflow_runs_ended_total", ("job", "pipeline"), ("state", "succeeded")));
        Assert.Equal(1, families.Value("workflow_runs_ended_total", ("job", "three"), ("state", "failed")));
        Assert.Equal(await SqlAsync("SELECT COUNT(*) FROM attempt"), families.Where(f => f.Name == "workflow_attempts_started").SelectMany(f => f.Samples).Sum(s => s.Value));
        Assert.Equal(await SqlAsync("SELECT COUNT(*) FROM attempt WHERE state='committed'"), Ended("committed"));
        Assert.Equal(await SqlAsync("SELECT COUNT(*) FROM attempt WHERE state='failed'"), Ended("failed") + Ended("retried"));
        Assert.Equal(await SqlAsync("SELECT COUNT(*) FROM node_reuse"), families.Where(f => f.Name == "workflow_memo_hits").SelectMany(f => f.Samples).Sum(s => s.Value));
        Assert.Equal(await SqlAsync("SELECT COUNT(*) FROM run WHERE state='failed'"), families.Value("workflow_runs", ("state", "failed")));
        Assert.Equal(await SqlAsync("SELECT SUM(size) FROM blob WHERE state='live'"), families.Value("workflow_store_bytes", ("state", "live")));
        Assert.Equal(await SqlAsync("SELECT COUNT(*) FROM slot WHERE slot_class='cpu'"), families.Value("workflow_slots", ("slot_class", "cpu")));
        Assert.Equal(0, families.Value("workflow_slots_used", ("slot_class", "cpu")));
        Assert.Equal(await SqlAsync("SELECT MAX(seq) FROM event"), families.Value("workflow_sink_lag_events", ("sink", "dead")));
        Assert.Equal(new FileInfo(home.Home.Paths.Ledger).Length, families.Value("workflow_ledger_bytes"));
        Assert.Equal(6, families.Value("workflow_attempt_duration_seconds_count", ("outcome", "committed"), ("stage", "read")) + families.Value("workflow_attempt_duration_seconds_count", ("outcome", "committed"), ("stage", "sort")) + families.Value("workflow_attempt_duration_seconds_count", ("outcome", "committed"), ("stage", "train")));
        Assert.True(families.Value("process_resident_memory_bytes") > 0);

        double Ended(string outcome) => families.Where(f => f.Name == "workflow_attempts_ended").SelectMany(f => f.Samples).Where(s => s.Labels["outcome"] == outcome).Sum(s => s.Value);

        async Task<double> SqlAsync(string sql) => double.Parse(await SqliteShell.RunAsync(home.Home.Paths.Ledger, sql, Cancellation));
    }
}
