using System.Net.Http.Json;
using System.Text.Json;
using Workflow.Artifacts;
using Workflow.Cli;
using Workflow.Dashboard;
using Workflow.Ledger;
using Workflow.Schedules;
using Workflow.Stages;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The seeded home with schedules, data sets, slots and a long series, served with the acts that a serve has.</summary>
public sealed class ApiHome : IAsyncLifetime
{
    internal SeededHome Home { get; } = new();

    internal DashboardHost Host { get; private set; } = null!;

    /// <summary>Asks as a program does.</summary>
    internal HttpClient Http { get; private set; } = null!;

    internal JsonElement Document { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Home.Ledger.Write(Seed);
        var paths = new HomePaths(Home.Root);
        var acts = LedgerActs.Of(paths, TimeProvider.System, TimeSpan.FromMinutes(10), ScheduledJobs.Over(StageTable.Default));
        Host = await DashboardHost.StartAsync(new DashboardOptions { Home = Home.Root, Url = "http://127.0.0.1:0", Acts = acts }, null, new TwoRows(), CancellationToken.None);
        Http = new HttpClient { BaseAddress = new Uri(Host.Address) };
        Document = await Http.GetFromJsonAsync<JsonElement>("/api/openapi.json");
    }

    /// <summary>Gets a value, with its status.</summary>
    internal async Task<(int Status, JsonElement Body)> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>Acts as a program does.</summary>
    internal async Task<(int Status, JsonElement Body)> PostAsync(string path, string body, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json") };
        request.Headers.Add("Workflow-Request", "test");
        change?.Invoke(request);
        using var answer = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken));
    }

    /// <summary>A number from the ledger.</summary>
    internal long Number(string sql) => Home.Ledger.Read(db => db.Number(sql));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Host.DisposeAsync();
        Home.Dispose();
    }

    static void Seed(LedgerConnection db)
    {
        for (var i = 0; i < 3; i++)
        {
            db.Execute("INSERT INTO dataset_version(dataset, version, seq, run_id, attempt_id, created_us) VALUES ('corpus', ?1, ?2, ?3, 'aaaa-ingest-1', ?2)", SeededHome.Hash(i == 0 ? "documents" : i == 1 ? "pairs" : "mined"), i + 1, SeededHome.Finished);
            db.Execute("INSERT INTO model_slot(name, seq, artifact_id, run_id, actor, set_us, reason) VALUES ('champion', ?1, ?2, ?3, 'ann', ?1, ?4)", i + 1, SeededHome.Hash("model"), SeededHome.Finished, SeededHome.Hostile);
            db.Execute("INSERT INTO audit(ts_us, actor, action, target, reason, before_json) VALUES (?1, ?2, 'schedule.pause', 'nightly/night', ?3, '{\"state\":\"active\"}')", i, i == 1 ? "bob" : "ann", SeededHome.Hostile);
            db.Execute("INSERT INTO event(ts_us, run_id, node_id, epoch, type, payload) VALUES (?1, ?2, 'ingest', 1, ?3, '{\"a\":1}')", i, SeededHome.Finished, i == 0 ? "node.claimed" : "node.committed");
        }

        db.Execute("""
            INSERT INTO schedule(schedule_key, job, name, file, folder, source, cron, zone, misfire, overlap, cursor_us, next_us, ring_us, declared_us, changed_us)
            VALUES ('nightly/night', 'nightly', 'night', '/nowhere/nightly.yaml', '/nowhere', 'add', '30 2 * * *', 'Europe/Berlin', 'once', 'skip', 1700000000000000, 1700000000000000, 1700000000000000, 0, 0)
            """);
        db.Execute("INSERT INTO schedule(schedule_key, job, name, file, folder, source, dataset, zone, misfire, overlap, cursor_us, declared_us, changed_us) VALUES ('nightly/fresh', 'nightly', 'fresh', '/nowhere/nightly.yaml', '/nowhere', 'add', 'corpus', 'UTC', 'once', 'skip', 0, 0, 0)");
        foreach (var (outcome, at) in new[] { ("fired", 1L), ("missed", 2L), ("skipped-overlap", 3L) })
        {
            db.Execute("INSERT INTO schedule_tick(schedule_key, kind, nominal_us, outcome, run_id, reason, decided_us) VALUES ('nightly/night', 'cron', ?1, ?2, ?3, ?4, ?1)", at, outcome, outcome == "fired" ? SeededHome.Finished : null, SeededHome.Hostile);
        }

        db.Execute("INSERT INTO slot(slot_id, slot_class, attempt_id) VALUES ('cpu-0', 'cpu', 'live-train-1'), ('cpu-1', 'cpu', NULL)");
        db.Execute("INSERT INTO metric_series(series_id, run_id, node_id, key, unit) VALUES (90, ?1, 'train', 'long', 's')", SeededHome.Live);
        db.Execute("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i+1 FROM n WHERE i<49999) INSERT INTO metric_point(series_id, step, epoch, ts_us, value) SELECT 90, i*3, 1, 0, i FROM n");
        db.Execute("UPDATE node SET state='retry_wait', eligible_us=1700000000000000 WHERE run_id=?1 AND node_id='mine/00003'", SeededHome.Failed);
        db.Execute("UPDATE node SET state='ready' WHERE run_id=?1 AND (node_id='mine/00004' OR node_id='mine/00005')", SeededHome.Failed);
        db.Execute("UPDATE node SET why_json='[{\"Field\":\"options.seed\",\"Before\":\"17\",\"After\":\"18\",\"Text\":\"options.seed 17 -> 18\"}]'");
        db.Execute("UPDATE node SET ended_us=1700000000000000 WHERE state='failed' OR state='succeeded' OR state='skipped' OR state='reused'");
    }

    sealed class TwoRows : IArtifactSamples
    {
        public Task<SampleRows?> ReadAsync(string kind, ManifestMember member, string path, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<SampleRows?>(new SampleRows(["query", "passage"], [["Path.Combine", SeededHome.Hostile], ["資料庫", member.Name]]));
    }
}
