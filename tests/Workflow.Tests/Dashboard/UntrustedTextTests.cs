using System.Net;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Microsoft.AspNetCore.Routing;
using Workflow.Artifacts;
using Workflow.Dashboard;
using Xunit;

namespace Workflow.Tests.Dashboard;

/// <summary>Everything that the dashboard answers to GET, found by asking it and by following its links, over a home full of markup: nothing of the home's text is markup or a script.</summary>
public sealed class UntrustedTextTests
{
    const int MostLinks = 200;
    static readonly string[] Fields = ["q", "state", "job", "trigger", "by", "param", "actor", "action", "target", "since", "after", "scope", "file", "name", "a", "b", "text", "stage", "did", "return", "kind", "period", "show", "dir", "metric", "result"];

    [Fact]
    public async Task Pages_ShowTextOfTheHome_AsText()
    {
        using var home = new HostileHome();
        await using var host = await DashboardHost.StartAsync(new DashboardOptions { Home = home.Home.Root, Url = "http://127.0.0.1:0", Refresh = TimeSpan.FromSeconds(30) },
            new Workflow.Cli.DashboardActions(new HomePaths(home.Home.Root), TimeProvider.System, TimeSpan.FromMinutes(10)), new HostileRows(), CancellationToken.None);
        using var visit = new Visit(host.Address);
        var patterns = host.Endpoints.OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") ?? true).ToList();
        var waiting = new Queue<string>(patterns.SelectMany(p => Addresses(home, p)).Prepend("/"));
        var most = waiting.Count + MostLinks;
        var (asked, faults, shown, pages) = (new HashSet<string>(StringComparer.Ordinal), new List<string>(), 0, 0);
        while (waiting.TryDequeue(out var path) && asked.Count < most)
        {
            if (!asked.Add(path))
            {
                continue;
            }

            using var answer = await visit.GetAsync(path, path.StartsWith("/live/", StringComparison.Ordinal) ? "text/event-stream" : "text/html");
            var type = answer.Content.Headers.ContentType?.MediaType ?? "";
            if (answer.StatusCode >= HttpStatusCode.InternalServerError && !path.StartsWith("/healthz/", StringComparison.Ordinal))
            {
                faults.Add($"{path}: {(int)answer.StatusCode}");
            }

            faults.AddRange(Headers(answer, path));
            if (type is not ("text/html" or "text/event-stream" or "image/svg+xml"))
            {
                continue;
            }

            var document = new HtmlParser().ParseDocument(await TextAsync(answer, type));
            faults.AddRange(Faults(document).Select(f => $"{path}: {f}"));
            pages++;
            shown += document.Body?.TextContent.Contains("<script>document.title", StringComparison.Ordinal) == true ? 1 : 0;
            foreach (var next in Links(document).Where(l => !asked.Contains(l)).Take(40))
            {
                waiting.Enqueue(next);
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Select(f => f.Split('?')[0] + f[Math.Max(0, f.LastIndexOf(": ", StringComparison.Ordinal))..]).Distinct().Take(60)));
        Assert.True(home.Poisoned.Count > 40, string.Join(", ", home.Poisoned));
        Assert.True(pages > 40 && shown > 20, $"{pages} pages, {shown} of them with text of the home, {asked.Count} requests");
    }

    [Theory]
    [InlineData("<p><script>alert(1)</script></p>")]
    [InlineData("<img src=/x>")]
    [InlineData("<p onclick='alert(1)'>x</p>")]
    [InlineData("<a href=' java\tscript:alert(1)'>x</a>")]
    [InlineData("<a href='//evil.example'>x</a>")]
    [InlineData("<form action='https://evil.example'></form>")]
    [InlineData("<svg><a xlink:href='javascript:alert(1)'>x</a></svg>")]
    [InlineData("<p style='x'>x</p>")]
    public void Markup_IsFound_WhereItIs(string html) => Assert.NotEmpty(Faults(new HtmlParser().ParseDocument(html)));

    /// <summary>Addresses of a pattern: its values are those of the home, and with fields that each hold markup.</summary>
    static IEnumerable<string> Addresses(HostileHome home, RouteEndpoint endpoint)
    {
        var pattern = endpoint.RoutePattern;
        var names = pattern.Parameters.Select(p => p.Name).ToList();
        if (names.Contains("path") || pattern.RawText!.StartsWith("/assets", StringComparison.Ordinal) || pattern.RawText.Contains("follow", StringComparison.Ordinal))
        {
            yield break;
        }

        var query = string.Join('&', Fields.Select(f => $"{f}={Uri.EscapeDataString(HostileHome.Markup)}"));
        foreach (var values in Values(home, names))
        {
            var path = string.Concat(pattern.PathSegments.Select(s => "/" + string.Concat(s.Parts.Select(p => p switch
            {
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
                Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter => string.Join('/', values.GetValueOrDefault(parameter.Name, HostileHome.Segment).Split('/').Select(Uri.EscapeDataString)),
                _ => "",
            }))));
            yield return path.Length == 0 ? "/" : path;
            yield return $"{(path.Length == 0 ? "/" : path)}?{query}";
        }
    }

    static IEnumerable<Dictionary<string, string>> Values(HostileHome home, List<string> names)
    {
        if (names.Count == 0)
        {
            return [[]];
        }

        string[] runs = [SeededHome.Failed, SeededHome.Live];
        var rows = names.Contains("node") || names.Contains("stage")
            ? new[] { (SeededHome.Failed, "mine"), (SeededHome.Live, "train"), (SeededHome.Finished, "ingest"), (SeededHome.Failed, "mine/00007") }.Select(n => new Dictionary<string, string> { ["run"] = n.Item1, ["node"] = n.Item2, ["stage"] = n.Item2 })
            : runs.Select(r => new Dictionary<string, string> { ["run"] = r });
        var ids = new[] { SeededHome.Hash("model"), SeededHome.Hash("documents") };
        return rows.Zip([.. ids, .. ids]).Select(r => new Dictionary<string, string>(r.First)
        {
            ["id"] = r.Second,
            ["job"] = HostileHome.Segment,
            ["name"] = names.Contains("job") ? "javascript:alert(1)" : HostileHome.Segment,
            ["queue"] = "cpu",
            ["state"] = "failed",
            ["format"] = "dot",
        });
    }

    static IEnumerable<string> Headers(HttpResponseMessage answer, string path)
    {
        var policy = answer.Headers.TryGetValues("Content-Security-Policy", out var values) ? string.Join(';', values) : "";
        var report = path.Contains("/report", StringComparison.Ordinal) && policy.Contains("sandbox", StringComparison.Ordinal);
        if (!policy.StartsWith("default-src 'none'", StringComparison.Ordinal) || (policy.Contains("unsafe", StringComparison.Ordinal) && !report))
        {
            yield return $"{path}: policy '{policy}'";
        }

        if (!answer.Headers.Contains("X-Content-Type-Options"))
        {
            yield return $"{path}: its type may be guessed";
        }
    }

    static IEnumerable<string> Faults(IDocument document)
    {
        foreach (var element in document.All)
        {
            if (element.LocalName is "img" or "iframe" or "object" or "embed" or "base" or "style" or "foreignobject" || (element.LocalName == "script" && element.GetAttribute("src")?.StartsWith("/assets/", StringComparison.Ordinal) != true))
            {
                yield return $"<{element.LocalName}> {element.OuterHtml[..Math.Min(120, element.OuterHtml.Length)]}";
            }

            foreach (var attribute in element.Attributes)
            {
                var value = new string([.. attribute.Value.Where(c => !char.IsControl(c) && c != ' ')]);
                if (attribute.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase) || attribute.LocalName is "style" or "srcdoc" or "http-equiv")
                {
                    yield return $"{attribute.Name} of <{element.LocalName}>";
                }
                else if (attribute.LocalName is "href" or "src" or "action" or "formaction" or "connect" && !(value.Length == 0 || value[0] is '/' or '#' or '?') && !(attribute.LocalName == "href" && value.StartsWith("https://", StringComparison.Ordinal)))
                {
                    yield return $"{attribute.Name}=\"{value[..Math.Min(80, value.Length)]}\" of <{element.LocalName}>";
                }
                else if (attribute.LocalName.StartsWith("hx-on", StringComparison.OrdinalIgnoreCase) || (attribute.LocalName is "href" or "src" or "action" && value.StartsWith("//", StringComparison.Ordinal)))
                {
                    yield return $"{attribute.Name}=\"{value[..Math.Min(80, value.Length)]}\" of <{element.LocalName}>";
                }
            }
        }
    }

    static IEnumerable<string> Links(IDocument document) =>
        document.QuerySelectorAll("*").SelectMany(e => e.Attributes).Where(a => a.LocalName is "href" or "connect" || a.LocalName.StartsWith("data-", StringComparison.Ordinal) || a.LocalName.StartsWith("hx-", StringComparison.Ordinal))
            .Select(a => a.Value.Split('#')[0]).Where(v => v.StartsWith('/') && !v.StartsWith("/assets/", StringComparison.Ordinal) && !v.StartsWith("/api/", StringComparison.Ordinal)).Distinct();

    /// <summary>A page, or the first event of a stream, where it sends one at once.</summary>
    static async Task<string> TextAsync(HttpResponseMessage answer, string type)
    {
        if (type != "text/event-stream")
        {
            return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(3));
        var text = "";
        try
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(patience.Token));
            while (await reader.ReadLineAsync(patience.Token) is { Length: > 0 } line)
            {
                text += line.StartsWith("data: {", StringComparison.Ordinal) ? "" : line.StartsWith("data: ", StringComparison.Ordinal) ? line["data: ".Length..] + "\n" : "";
            }
        }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            // A stream that had nothing to say yet.
        }

        return text;
    }

    sealed class HostileRows : IArtifactSamples
    {
        public Task<SampleRows?> ReadAsync(string kind, ManifestMember member, string path, int limit, CancellationToken cancellationToken) =>
            Task.FromResult<SampleRows?>(new SampleRows(["query", HostileHome.Markup], [[HostileHome.Markup, "javascript:alert(1)"]]));
    }
}
