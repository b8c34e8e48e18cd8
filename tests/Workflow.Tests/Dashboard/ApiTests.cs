using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Workflow.Dashboard;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>The JSON API over HTTP: its document, its answers, its refusals.</summary>
public sealed class ApiTests(ApiHome home) : IClassFixture<ApiHome>
{
    const string Api = "/api/v1";

    /// <summary>Answers to ask for: each path of the document at least once.</summary>
    public static TheoryData<string, string> Answers => new()
    {
        { "/version", "" }, { "/overview", "" }, { "/workers", "" }, { "/queues", "" }, { "/slots", "" }, { "/slots/{slot}", "champion" }, { "/storage", "" }, { "/gc", "" }, { "/gc", "?keep=0s&grace=0s" }, { "/health", "" }, { "/audit", "" },
        { "/audit", "?actor=bob" }, { "/runs", "" }, { "/runs", "?state=running" }, { "/runs", "?job=quickstart&trigger=manual&limit=1" }, { "/runs/{run}", SeededHome.Finished }, { "/runs/{run}", SeededHome.Live }, { "/runs/{run}", SeededHome.Failed },
        { "/runs/{run}/result", SeededHome.Finished }, { "/runs/{run}/result", SeededHome.Failed }, { "/runs/{run}/why", SeededHome.Finished + "?stage=train" }, { "/runs/{run}/logs", SeededHome.Live }, { "/runs/{run}/diff", $"{SeededHome.Finished}?other={SeededHome.Live}" },
        { "/runs/{run}/events", SeededHome.Finished }, { "/runs/{run}/nodes", SeededHome.Failed }, { "/runs/{run}/nodes", SeededHome.Failed + "?stage=mine&state=failed" }, { "/runs/{run}/nodes/{node}", SeededHome.Failed + "/mine/00007" }, { "/runs/{run}/nodes/{node}", SeededHome.Live + "/train" },
        { "/runs/{run}/artifacts", SeededHome.Finished }, { "/runs/{run}/series", SeededHome.Live }, { "/runs/{run}/metrics", SeededHome.Live + "?node=train&key=train/loss" },
        { "/nodes", "?state=enqueued" }, { "/nodes", "?state=processing" }, { "/nodes", "?state=retries" }, { "/nodes", "?state=succeeded" }, { "/nodes", "?state=failed" }, { "/nodes", "?state=deleted" }, { "/nodes", "?state=awaiting" },
        { "/schedules", "" }, { "/schedules", "?all=true" }, { "/schedules/find", "?name=night" }, { "/schedules/{job}/{name}", "nightly/night" }, { "/schedules/{job}/{name}/next", "nightly/night" }, { "/schedules/{job}/{name}/ticks", "nightly/night" },
        { "/artifacts", "" }, { "/artifacts", "?kind=model" }, { "/artifacts/{hash}", SeededHome.Hash("model") }, { "/artifacts/{hash}", SeededHome.Hash("documents")[..10] }, { "/artifacts/{hash}/sample", SeededHome.Hash("pairs") },
        { "/datasets", "" }, { "/datasets/{dataset}", "corpus" }, { "/lineage", $"?ref={SeededHome.Hash("model")}" }, { "/lineage", $"?ref={SeededHome.Hash("documents")}&direction=down" },
    };

    /// <summary>Paths whose answers go on line by line, or are another standard's.</summary>
    static readonly string[] streams = ["/runs/{run}/logs/stream", "/runs/{run}/progress", "/lineage/openlineage"];

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Answer_FitsTheSchemaOfItsDocument(string path, string values)
    {
        var question = values.IndexOf('?') is >= 0 and var at ? values[at..] : "";
        var parts = values[..(values.Length - question.Length)].Split('/', path.Count(c => c == '{') is > 0 and var n ? n : 1);
        var address = parts.Aggregate(path, (p, part) => p.Contains('{') ? p[..p.IndexOf('{')] + part + p[(p.IndexOf('}') + 1)..] : p) + question;
        var (status, body) = await home.GetAsync(Api + address);
        Assert.Equal(200, status);
        var schema = home.Document.GetProperty("paths").GetProperty(Api + path).GetProperty("get").GetProperty("responses").GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema");
        Assert.Empty(new JsonSchemaCheck(home.Document).Faults(schema, body));
    }

    [Fact]
    public void Document_TellsEveryEndpoint_AndEachIsAskedForHere()
    {
        var mapped = home.Host.Endpoints.OfType<RouteEndpoint>()
            .Where(e => e.RoutePattern.RawText!.StartsWith(Api + "/", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m => $"{m} {e.RoutePattern.RawText!.Replace("**", "")}")).Order(StringComparer.Ordinal).ToList();
        var told = home.Document.GetProperty("paths").EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => (Method: m.Name.ToUpperInvariant(), Path: p.Name, Operation: m.Value))).ToList();
        Assert.Equal(mapped, told.Select(t => $"{t.Method} {t.Path}").Order(StringComparer.Ordinal));
        Assert.True(mapped.Count > 40, $"{mapped.Count} endpoints");
        Assert.Equal(told.Count, told.Select(t => t.Operation.GetProperty("operationId").GetString()).Distinct().Count());
        foreach (var (method, path, operation) in told)
        {
            Assert.NotEqual("", operation.GetProperty("summary").GetString());
            Assert.Matches("Role: (viewer|operator|admin)", operation.GetProperty("description").GetString());
            var success = Assert.Single(operation.GetProperty("responses").EnumerateObject(), r => r.Name[0] == '2');
            Assert.NotEmpty(success.Value.GetProperty("content").EnumerateObject());
            Assert.True(operation.GetProperty("responses").TryGetProperty("401", out _), path);
            Assert.Equal(method == "POST", operation.TryGetProperty("requestBody", out _));
            foreach (var parameter in operation.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().ToList() : [])
            {
                Assert.True(parameter.GetProperty("in").GetString() == "path" || parameter.GetProperty("description").GetString()!.Length > 0, $"{path}: {parameter}");
            }
        }

        Assert.Equal("bearer", home.Document.GetProperty("components").GetProperty("securitySchemes").GetProperty("token").GetProperty("scheme").GetString());
        Assert.Empty(told.Where(t => t.Method == "GET").Select(t => t.Path[Api.Length..]).Except(Answers.Select(a => a.Data.Item1)).Except(streams));
    }

    [Fact]
    public async Task Counters_AgreeWithTheTables()
    {
        var (_, counters) = await home.GetAsync($"{Api}/overview");
        foreach (var (name, sql) in new[]
        {
            ("servers", "SELECT COUNT(*) FROM worker WHERE ended_us IS NULL"), ("recurring", "SELECT COUNT(*) FROM schedule WHERE withdrawn_us IS NULL"), ("retries", "SELECT COUNT(*) FROM node WHERE state='retry_wait'"),
            ("enqueued", "SELECT COUNT(*) FROM node WHERE state='ready'"), ("queues", "SELECT COUNT(DISTINCT slot_class) FROM node WHERE state='ready'"), ("failed", "SELECT COUNT(*) FROM node WHERE state='failed'"),
            ("scheduled", "SELECT (SELECT COUNT(*) FROM node WHERE state='retry_wait')+(SELECT COUNT(*) FROM run WHERE state='queued')"), ("processing", "SELECT COUNT(*) FROM node WHERE state='running'"),
            ("succeeded", "SELECT COUNT(*) FROM node WHERE state IN('succeeded','reused')"), ("deleted", "SELECT COUNT(*) FROM node WHERE state IN('cancelled','skipped')"), ("awaiting", "SELECT COUNT(*) FROM node WHERE state='waiting'"),
        })
        {
            Assert.Equal((name, home.Number(sql)), (name, counters.GetProperty(name).GetInt64()));
        }

        Assert.Equal(home.Number("SELECT COUNT(*) FROM run WHERE state='failed'"), counters.GetProperty("runs").GetProperty("failed").GetInt64());
    }

    /// <summary>Lists, with what tells their rows apart and how many there are.</summary>
    public static TheoryData<string, string, string> Lists => new()
    {
        { "/runs", "run", "SELECT COUNT(*) FROM run" },
        { "/runs?trigger=manual", "run", "SELECT COUNT(*) FROM run WHERE trigger_kind='manual'" },
        { $"/runs/{SeededHome.Failed}/nodes", "node", $"SELECT COUNT(*) FROM node WHERE run_id='{SeededHome.Failed}'" },
        { $"/runs/{SeededHome.Failed}/nodes?stage=mine", "node", $"SELECT COUNT(*) FROM node WHERE run_id='{SeededHome.Failed}' AND stage='mine'" },
        { $"/runs/{SeededHome.Finished}/artifacts", "slot", "SELECT 9" },
        { $"/runs/{SeededHome.Finished}/events", "seq", $"SELECT COUNT(*) FROM event WHERE run_id='{SeededHome.Finished}'" },
        { "/nodes?state=succeeded", "run,node", "SELECT COUNT(*) FROM node WHERE state IN('succeeded','reused')" },
        { "/nodes?state=deleted", "run,node", "SELECT COUNT(*) FROM node WHERE state IN('cancelled','skipped')" },
        { "/nodes?state=failed", "run,node", "SELECT COUNT(*) FROM node WHERE state='failed'" },
        { "/nodes?state=awaiting", "run,node", "SELECT COUNT(*) FROM node WHERE state='waiting'" },
        { "/nodes?state=enqueued", "run,node", "SELECT COUNT(*) FROM node WHERE state='ready'" },
        { "/nodes?state=retries", "run,node", "SELECT COUNT(*) FROM node WHERE state='retry_wait'" },
        { "/audit", "seq", "SELECT COUNT(*) FROM audit" },
        { "/audit?actor=ann&action=schedule.pause", "seq", "SELECT COUNT(*) FROM audit WHERE actor='ann' AND action='schedule.pause'" },
        { "/artifacts", "hash", "SELECT COUNT(*) FROM artifact" },
        { "/datasets", "dataset", "SELECT COUNT(DISTINCT dataset) FROM dataset_version" },
        { "/datasets/corpus", "seq", "SELECT COUNT(*) FROM dataset_version WHERE dataset='corpus'" },
        { "/schedules/nightly/night/ticks", "nominal", "SELECT COUNT(*) FROM schedule_tick WHERE schedule_key='nightly/night'" },
        { "/schedules/nightly/night/ticks?lost=true", "nominal", "SELECT 2" },
    };

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task List_GoesOnBehindItsCursor_AndTellsEachRowOnce(string path, string key, string count)
    {
        string Key(JsonElement row) => string.Join('|', key.Split(',').Select(k => row.GetProperty(k).ToString()));
        var join = path.Contains('?') ? '&' : '?';
        var whole = (await home.GetAsync($"{Api}{path}{join}limit=500")).Body.GetProperty("items").EnumerateArray().Select(Key).ToList();
        var paged = new List<string>();
        for (string? after = null; ;)
        {
            var (status, page) = await home.GetAsync($"{Api}{path}{join}limit=2{(after is null ? "" : $"&after={after}")}");
            Assert.Equal(200, status);
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(Key));
            if ((after = page.GetProperty("next").GetString()) is null)
            {
                break;
            }
        }

        Assert.Equal(whole, paged);
        Assert.Equal(whole.Count, whole.Distinct().Count());
        Assert.Equal(home.Number(count), whole.Count);
    }

    [Fact]
    public async Task Logs_GoBackInTime_AndFlowAsLinesOrEvents()
    {
        var whole = (await home.GetAsync($"{Api}/runs/{SeededHome.Live}/logs?limit=10000")).Body.GetProperty("items").EnumerateArray().Select(l => l.GetProperty("line").GetString()).ToList();
        var paged = new List<string?>();
        for (string? before = null; ;)
        {
            var (_, page) = await home.GetAsync($"{Api}/runs/{SeededHome.Live}/logs?limit=7{(before is null ? "" : $"&before={before}")}");
            paged.InsertRange(0, page.GetProperty("items").EnumerateArray().Select(l => l.GetProperty("line").GetString()));
            if ((before = page.GetProperty("next").GetString()) is null)
            {
                break;
            }
        }

        Assert.Equal(whole, paged);
        Assert.Contains(SeededHome.Hostile, whole);
        foreach (var (accept, prefix) in new[] { ("application/x-ndjson", "{"), ("text/event-stream", "data: {") })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"{Api}/runs/{SeededHome.Live}/logs/stream?limit=3", UriKind.Relative)) { Headers = { { "Accept", accept } } };
            using var answer = await home.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
            Assert.Equal(accept, answer.Content.Headers.ContentType!.MediaType);
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            Assert.StartsWith(prefix, await reader.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Progress_TellsWhatHappenedToARun_AndEndsWithIt()
    {
        var lines = (await home.Http.GetStringAsync(new Uri($"{Api}/runs/{SeededHome.Finished}/progress", UriKind.Relative), TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["started", "claimed", "committed", "committed", "ended"], lines.Select(l => JsonDocument.Parse(l).RootElement.GetProperty("type").GetString()));
        Assert.Equal(404, (await home.GetAsync($"{Api}/runs/nosuchrun/progress")).Status);
    }

    [Fact]
    public async Task Metrics_AreThinned_WithTheirFirstAndLastPoint()
    {
        var (_, all) = await home.GetAsync($"{Api}/runs/{SeededHome.Live}/metrics?node=train&key=train/loss");
        Assert.False(all.GetProperty("thinned").GetBoolean());
        Assert.Equal(home.Number("SELECT COUNT(*) FROM metric_point WHERE series_id=1"), all.GetProperty("points").GetArrayLength());
        var (_, thin) = await home.GetAsync($"{Api}/runs/{SeededHome.Live}/metrics?node=train&key=long&points=100");
        var steps = thin.GetProperty("points").EnumerateArray().Select(p => p.GetProperty("step").GetInt64()).ToList();
        Assert.True(thin.GetProperty("thinned").GetBoolean());
        Assert.InRange(steps.Count, 90, 100);
        Assert.Equal((0, 149_997), (steps[0], steps[^1]));
        Assert.Equal(steps.Distinct().Order(), steps);
        Assert.Equal(404, (await home.GetAsync($"{Api}/runs/{SeededHome.Live}/metrics?node=train&key=none")).Status);
    }

    [Fact]
    public async Task Names_ComeThroughAsTheyAre()
    {
        var (_, run) = await home.GetAsync($"{Api}/runs/{SeededHome.Failed}");
        Assert.Equal(SeededHome.Hostile, run.GetProperty("job").GetString());
        var (_, runs) = await home.GetAsync($"{Api}/runs?job={Uri.EscapeDataString(SeededHome.Hostile)}");
        Assert.Equal(SeededHome.Failed, Assert.Single(runs.GetProperty("items").EnumerateArray()).GetProperty("run").GetString());
        var (_, sample) = await home.GetAsync($"{Api}/artifacts/{SeededHome.Hash("pairs")}/sample");
        Assert.Equal(SeededHome.Hostile, sample.GetProperty("rows")[0][1].GetString());
        using var answer = await home.Http.GetAsync(new Uri($"{Api}/runs/{SeededHome.Failed}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(("application/json", "nosniff"), (answer.Content.Headers.ContentType!.MediaType, string.Join("", answer.Headers.GetValues("X-Content-Type-Options"))));
    }

    /// <summary>Reads that are refused: address, status, words.</summary>
    public static TheoryData<string, int, string> Refused => new()
    {
        { "/nothing", 404, "openapi.json lists" }, { "/runs/nosuch", 404, "No run 'nosuch'" }, { "/runs/0198", 404, "names several runs" }, { $"/runs/{SeededHome.Live}/nodes/none", 404, "no stage or partition 'none'" },
        { $"/runs/{SeededHome.Live}/why?stage=none", 404, "no stage 'none'" }, { "/artifacts/ffff", 404, "No artifact 'ffff'" }, { "/datasets/none", 404, "no data set 'none'" }, { "/slots/none", 404, "no slot 'none'" },
        { "/schedules/a/b", 404, "No schedule 'a/b'" }, { "/schedules/nightly/fresh/next", 404, "has no fire times" }, { $"/artifacts/{SeededHome.Hash("pairs")}/sample?file=none", 404, "no file 'none'" },
        { "/runs?after=zz", 422, "cursor" }, { "/runs?after=WzFd", 422, "cursor" }, { "/audit?after=WyJ4Il0", 422, "cursor" }, { "/runs?limit=0", 422, "limit: found 0; expected 1 to 1000." }, { "/runs?limit=x", 400, "limit: found 'x'; expected a whole number." },
        { "/nodes?state=odd", 422, "state: found 'odd'" }, { "/nodes", 400, "state: is missing" }, { "/lineage?ref=x.y&direction=sideways", 422, "direction: found 'sideways'" }, { "/gc?keep=soon", 422, "keep: found 'soon'" },
        { $"/runs/{SeededHome.Live}/metrics?node=a&key=b&points=1", 422, "points: found 1" }, { $"/runs/{SeededHome.Live}/logs?before=WzFd", 422, "cursor" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Refusal_IsAProblemWithWords(string path, int status, string words)
    {
        using var answer = await home.Http.GetAsync(new Uri(Api + path, UriKind.Relative), TestContext.Current.CancellationToken);
        var problem = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).RootElement;
        Assert.Equal((status, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Contains(words, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Empty(new JsonSchemaCheck(home.Document).Faults(home.Document.GetProperty("components").GetProperty("schemas").GetProperty("ApiProblem"), problem));
    }

    [Fact]
    public async Task Act_FromAnotherSite_IsRefused()
    {
        var cancel = $"{Api}/runs/{SeededHome.Live}/cancel";
        var bare = await home.PostAsync(cancel, "{}", r => r.Headers.Remove("Workflow-Request"));
        Assert.Equal((403, true), (bare.Status, bare.Body.GetProperty("detail").GetString()!.Contains("Workflow-Request", StringComparison.Ordinal)));
        Assert.Equal(403, (await home.PostAsync(cancel, "{}", r => r.Headers.Add("Sec-Fetch-Site", "cross-site"))).Status);

        // What a form of another site can send without asking first.
        foreach (var type in new[] { "text/plain", "application/x-www-form-urlencoded" })
        {
            Assert.Equal(415, (await home.PostAsync(cancel, "{}", r => r.Content = new StringContent("{}", Encoding.UTF8, type))).Status);
        }

        using var preflight = new HttpRequestMessage(HttpMethod.Options, new Uri(cancel, UriKind.Relative)) { Headers = { { "Origin", "http://evil.example" }, { "Access-Control-Request-Method", "POST" } } };
        using var answer = await home.Http.SendAsync(preflight, TestContext.Current.CancellationToken);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
        Assert.Equal(0, home.Number($"SELECT COUNT(*) FROM run WHERE run_id='{SeededHome.Live}' AND cancel_requested_us IS NOT NULL"));
    }

    [Fact]
    public async Task Act_WithAnUnfitBody_SaysWhatIsWrong()
    {
        var cancel = $"{Api}/runs/{SeededHome.Live}/cancel";
        foreach (var (body, status, words) in new[]
        {
            ("{", 422, "cannot be read"), ("null", 422, "expected an object"), ("[]", 422, "cannot be read"), ("{\"reasn\":\"x\"}", 422, "'reasn' that means nothing here; expected reason"), ("{\"reason\":5}", 422, "at 'reason'"),
            ($"{{\"reason\":\"{new string('x', 401)}\"}}", 422, "found 401 letters"), ($"{{\"reason\":\"{new string('x', 70_000)}\"}}", 413, "too large"),
        })
        {
            var (found, problem) = await home.PostAsync(cancel, body);
            Assert.Equal((body[..Math.Min(20, body.Length)], status), (body[..Math.Min(20, body.Length)], found));
            Assert.Contains(words, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        Assert.Contains("lacks a key; expected stage", (await home.PostAsync($"{Api}/runs/{SeededHome.Live}/restart", "{}")).Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(403, (await home.PostAsync($"{Api}/runs", "{\"text\":\"job: x\"}")).Status);
    }

    [Fact]
    public async Task Act_IsDoneOnce_AuditedWithActorAndReason_AndRefusedWhereTheStateDoesNotAllowIt()
    {
        var (status, asked) = await home.PostAsync($"{Api}/runs/{SeededHome.Failed}/resume", $"{{\"reason\":{JsonSerializer.Serialize(SeededHome.Hostile)}}}");
        Assert.Equal((202, SeededHome.Failed), (status, asked.GetProperty("run").GetString()));
        Assert.Equal(1, home.Number($"SELECT COUNT(*) FROM request WHERE kind='resume' AND run_id='{SeededHome.Failed}'"));
        var (_, audit) = await home.GetAsync($"{Api}/audit?target={SeededHome.Failed}");
        var line = Assert.Single(audit.GetProperty("items").EnumerateArray());
        Assert.Equal(("resume", SeededHome.Hostile, "failed"), (line.GetProperty("action").GetString(), line.GetProperty("reason").GetString(), line.GetProperty("before").GetProperty("state").GetString()));
        Assert.Equal((await home.GetAsync($"{Api}/version")).Body.GetProperty("you").GetString(), line.GetProperty("actor").GetString());

        var refused = await home.PostAsync($"{Api}/runs/{SeededHome.Finished}/cancel", "{}");
        Assert.Equal(409, refused.Status);
        Assert.Contains("there is nothing to cancel", refused.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(404, (await home.PostAsync($"{Api}/runs/nosuch/nothing", "{}")).Status);
        Assert.Equal(422, (await home.PostAsync($"{Api}/runs/nosuch/cancel", "{}")).Status);
        Assert.Equal(405, (await home.PostAsync($"{Api}/overview", "{}")).Status);
    }

    [Fact]
    public async Task Schedule_IsPausedAndResumed_WithItsReason()
    {
        const string key = $"{Api}/schedules/nightly/fresh";
        Assert.Equal(422, (await home.PostAsync($"{key}/pause", "{}")).Status);
        var (status, paused) = await home.PostAsync($"{key}/pause", "{\"reason\":\"moving house\"}");
        Assert.Equal((200, "paused", "moving house"), (status, paused.GetProperty("state").GetString(), paused.GetProperty("paused").GetString()));
        var (_, resumed) = await home.PostAsync($"{key}/resume", "{}");
        Assert.Equal("active", resumed.GetProperty("state").GetString());
        Assert.Equal(409, (await home.PostAsync($"{key}/resume", "{}")).Status);
        Assert.Equal(2, home.Number("SELECT COUNT(*) FROM audit WHERE target='nightly/fresh'"));
    }

    [Fact]
    public async Task Node_IsDeleted_WithItsReason_AndOnlyWhereItsStateAllows()
    {
        var body = $"{{\"run\":\"{SeededHome.Live}\",\"node\":\"report\",\"reason\":\"not needed\"}}";
        var (status, asked) = await home.PostAsync($"{Api}/nodes/delete", body);
        Assert.Equal((202, SeededHome.Live), (status, asked.GetProperty("run").GetString()));
        var (_, audit) = await home.GetAsync($"{Api}/audit?action=node.delete");
        Assert.Equal(($"{SeededHome.Live}/report", "not needed"), Assert.Single(audit.GetProperty("items").EnumerateArray()) is var line ? (line.GetProperty("target").GetString(), line.GetProperty("reason").GetString()) : default);
        Assert.Equal(409, (await home.PostAsync($"{Api}/nodes/enqueue", body)).Status);
        Assert.Equal(422, (await home.PostAsync($"{Api}/nodes/requeue", "{\"run\":\"nosuch\",\"node\":\"a\"}")).Status);
    }

    [Fact]
    public async Task Server_ForLookingOnly_RefusesActs_AndOneWithoutThemToo()
    {
        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Home.Root, Url = "http://127.0.0.1:0", ReadOnly = true }, null, null, TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Api}/runs/{SeededHome.Live}/cancel") { Content = new StringContent("{}", Encoding.UTF8, "application/json"), Headers = { { "Workflow-Request", "test" } } };
        using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.Contains("only shows", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Acts_InQuickSuccession_AreSlowed()
    {
        // A server of its own: the others' pace is not spent.
        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Home.Root, Url = "http://127.0.0.1:0" }, null, null, TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = new Uri(host.Address) };
        var statuses = new List<int>();
        for (var i = 0; i < 200 && !statuses.Contains(429); i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"{Api}/runs/{SeededHome.Live}/cancel") { Content = new StringContent("{}", Encoding.UTF8, "application/json"), Headers = { { "Workflow-Request", "test" } } };
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            statuses.Add((int)answer.StatusCode);
            Assert.Equal(answer.StatusCode == HttpStatusCode.TooManyRequests, answer.Headers.RetryAfter is not null);
        }

        Assert.Equal(429, statuses[^1]);
        Assert.InRange(statuses.Count, 61, 200);
    }
}
