using Workflow.Artifacts;
using Workflow.Jobs;
using Workflow.Ledger;

namespace Workflow.Outside;

/// <summary>Reads <c>HOME/sinks.yaml</c> and the standard environment variables; every fault is told at once, with its place.</summary>
sealed class OutsideSettingsReader
{
    static readonly string[] TopKeys = ["namespace", "sinks", "otlp"];
    static readonly string[] SinkKeys = ["name", "kind", "path", "url", "url_env", "secret_env", "endpoint", "events", "from", "timeout"];
    static readonly string[] OtlpKeys = ["endpoint", "interval"];

    readonly HomePaths paths;
    readonly Func<string, string?> environment;
    readonly FaultList faults = new();
    readonly List<SinkSpec> sinks = [];
    string? ns;
    OtlpSettings? otlp;

    OutsideSettingsReader(HomePaths paths, Func<string, string?> environment) => (this.paths, this.environment) = (paths, environment);

    /// <summary>Reads the settings of a home.</summary>
    /// <exception cref="WorkflowException">The file has faults: all of them, one per line.</exception>
    public static OutsideSettings Read(HomePaths paths, Func<string, string?> environment)
    {
        var reader = new OutsideSettingsReader(paths, environment);
        var file = Path.Combine(paths.Root, "sinks.yaml");
        if (File.Exists(file) && YamlText.ReadFile(file, file, reader.faults) is { } node)
        {
            reader.Top(node);
        }

        reader.FromEnvironment();
        if (reader.faults.Count > 0)
        {
            var list = reader.faults.InOrder();
            throw new WorkflowException($"The sinks have {(list.Count == 1 ? "1 fault" : $"{list.Count} faults")}:{string.Concat(list.Select(f => "\n  " + f))}", exitCode: 2);
        }

        return new OutsideSettings(reader.ns, reader.sinks, reader.otlp);
    }

    /// <summary>The namespace that a home's jobs and datasets have in OpenLineage.</summary>
    public static string Namespace(HomePaths paths, LedgerDb ledger) =>
        Read(paths, Environment.GetEnvironmentVariable).Namespace ?? Default(ledger.Read(db => db.Text("SELECT v FROM home WHERE k='home_id'")) ?? "");

    /// <summary>The namespace where none is configured.</summary>
    public static string Default(string home) => $"workflow://{home}";

    void Top(JobNode node)
    {
        if (Map(node, "", "sinks.yaml", TopKeys) is not { } map)
        {
            return;
        }

        ns = Text(map, "", "namespace");
        if (map.Find("sinks") is { } list)
        {
            if (list is JobList items)
            {
                foreach (var item in items.Items)
                {
                    Sink(item);
                }
            }
            else
            {
                faults.Add(list, "sinks", $"found {list.Shape}; expected a list of sinks.");
            }
        }

        if (map.Find("otlp") is { } settings && Map(settings, "otlp", "the collector", OtlpKeys) is { } collector)
        {
            var endpoint = Url(collector, "otlp", "endpoint");
            otlp = new OtlpSettings(endpoint is null ? null : new Uri(endpoint), Duration(collector, "otlp", "interval") ?? TimeSpan.FromSeconds(60));
        }
    }

    void Sink(JobNode node)
    {
        var path = $"sinks.{sinks.Count}";
        if (Map(node, path, "a sink", SinkKeys) is not { } map)
        {
            return;
        }

        var name = Text(map, path, "name");
        var kind = Text(map, path, "kind");
        if (name is null || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') || sinks.Exists(s => s.Name == name))
        {
            faults.Add(map.Find("name") ?? map, $"{path}.name", $"found {(name is null ? "none" : $"'{name}'")}; expected a name of its own of letters, digits, '-', '_' and '.': its place in the history is kept under it.");
        }

        if (kind is null || !SinkKinds.All.Contains(kind))
        {
            faults.Unknown((map.Find("kind") ?? map).Mark, $"{path}.kind", "kind", kind ?? "", [.. SinkKinds.All]);
        }

        var from = Text(map, path, "from");
        if (from is not (null or "start" or "now"))
        {
            faults.Add(map.Find("from")!, $"{path}.from", $"found '{from}'; expected start (the whole history) or now.");
        }

        var sink = new SinkSpec
        {
            Name = name ?? "",
            Kind = kind ?? "",
            Target = "",
            FromStart = from == "start",
            Timeout = Duration(map, path, "timeout") ?? TimeSpan.FromSeconds(10),
            SecretEnv = Text(map, path, "secret_env"),
            UrlEnv = Text(map, path, "url_env"),
        };
        sinks.Add(kind == SinkKinds.OpenLineageFile ? FileSink(map, path, sink) : HttpSink(map, path, sink));
    }

    SinkSpec FileSink(JobMap map, string path, SinkSpec sink)
    {
        Refuse(map, path, sink.Kind, "url", "url_env", "secret_env", "endpoint", "events", "timeout");
        if (Text(map, path, "path") is not { } file)
        {
            faults.Add(map, $"{path}.path", "found none; expected the file to append to, relative to the home.");
            return sink;
        }

        var full = Path.GetFullPath(file, paths.Root);
        return sink with { Path = full, Target = full };
    }

    SinkSpec HttpSink(JobMap map, string path, SinkSpec sink)
    {
        Refuse(map, path, sink.Kind, sink.Kind == SinkKinds.Webhook ? ["path", "endpoint"] : ["path", "events"]);
        var url = Url(map, path, "url");
        if (map.Find("url") is null == sink.UrlEnv is null)
        {
            faults.Add(map, path, "expected either url or url_env (the environment variable that holds the address).");
            return sink;
        }

        if (map.Find("events") is { } events)
        {
            sink = events is JobList { Items.Count: > 0 } list && list.Items.TrueForAll(i => i is JobScalar { IsNull: false })
                ? sink with { Events = [.. list.Items.Select(i => ((JobScalar)i).Text)] }
                : Fault(events);
        }

        if (url is null)
        {
            return sink with { Target = $"${sink.UrlEnv}" };
        }

        url = sink.Kind == SinkKinds.OpenLineageHttp ? Endpoint(url, Text(map, path, "endpoint")) : url;
        return sink with { Url = url, Target = new Uri(url).GetLeftPart(UriPartial.Path) };

        SinkSpec Fault(JobNode found)
        {
            faults.Add(found, $"{path}.events", $"found {found.Shape}; expected a list of types, as in [run.*, node.failed].");
            return sink;
        }
    }

    /// <summary>OPENLINEAGE_URL, _ENDPOINT, _API_KEY, _NAMESPACE, _DISABLED and OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED, as other producers read them.</summary>
    void FromEnvironment()
    {
        ns = environment("OPENLINEAGE_NAMESPACE") is { Length: > 0 } name ? name : ns;
        if (string.Equals(environment("OPENLINEAGE_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            sinks.RemoveAll(s => s.Kind != SinkKinds.Webhook);
        }
        else if (environment("OPENLINEAGE_URL") is { Length: > 0 } url)
        {
            if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.UserInfo.Length > 0)
            {
                faults.Add(new NodeMark("OPENLINEAGE_URL", 0, 0), "", "holds no http or https address (without user and password in it).");
                return;
            }

            url = Endpoint(url, environment("OPENLINEAGE_ENDPOINT"));
            sinks.Add(new SinkSpec
            {
                Name = "OPENLINEAGE_URL",
                Kind = SinkKinds.OpenLineageHttp,
                Url = url,
                Target = new Uri(url).GetLeftPart(UriPartial.Path),
                SecretEnv = environment("OPENLINEAGE_API_KEY") is { Length: > 0 } ? "OPENLINEAGE_API_KEY" : null,
            });
        }

        if (string.Equals(environment("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase))
        {
            otlp = null;
        }
        else if (otlp is null && environment("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 })
        {
            var interval = int.TryParse(environment("OTEL_METRIC_EXPORT_INTERVAL"), out var millis) && millis > 0 ? TimeSpan.FromMilliseconds(millis) : TimeSpan.FromSeconds(60);
            otlp = new OtlpSettings(null, interval);
        }
    }

    static string Endpoint(string url, string? endpoint) => $"{url.TrimEnd('/')}/{(string.IsNullOrEmpty(endpoint) ? "api/v1/lineage" : endpoint).TrimStart('/')}";

    JobMap? Map(JobNode node, string path, string what, string[] known)
    {
        if (node is not JobMap map)
        {
            faults.Add(node, path, $"found {node.Shape}; expected {what} as a mapping.");
            return null;
        }

        foreach (var (key, _) in map.Entries.Where(e => !known.Contains(e.Key.Text)))
        {
            faults.Unknown(key.Mark, path, "key", key.Text, known);
        }

        return map;
    }

    void Refuse(JobMap map, string path, string kind, params string[] keys)
    {
        foreach (var (key, _) in map.Entries.Where(e => keys.Contains(e.Key.Text)))
        {
            faults.Add(key, $"{path}.{key.Text}", $"a sink of kind {kind} has no '{key.Text}'.");
        }
    }

    string? Text(JobMap map, string path, string key)
    {
        switch (map.Find(key))
        {
            case null or JobScalar { IsNull: true }:
                return null;
            case JobScalar scalar:
                return scalar.Text;
            case var other:
                faults.Add(other, path.Length == 0 ? key : $"{path}.{key}", $"found {other.Shape}; expected a text.");
                return null;
        }
    }

    TimeSpan? Duration(JobMap map, string path, string key)
    {
        if (Text(map, path, key) is not { } text)
        {
            return null;
        }

        if (Durations.TryParse(text, out var value) && value > TimeSpan.Zero)
        {
            return value;
        }

        faults.Add(map.Find(key)!, $"{path}.{key}", $"found '{text}'; expected a duration such as 10s.");
        return null;
    }

    string? Url(JobMap map, string path, string key)
    {
        if (Text(map, path, key) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.UserInfo.Length == 0)
        {
            return text;
        }

        // The text itself is not shown: it may hold a password.
        faults.Add(map.Find(key)!, $"{path}.{key}", "expected an http or https address without user and password in it; secrets are named by secret_env, an address that is one by url_env.");
        return null;
    }
}
