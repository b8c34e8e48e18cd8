using Workflow.Outside;
using Xunit;

namespace Workflow.Tests.Outside;

public sealed class OutsideSettingsTests : IDisposable
{
    readonly TestHome home = new();
    readonly Dictionary<string, string> environment = new(StringComparer.Ordinal);

    public void Dispose() => home.Dispose();

    [Fact]
    public void File_IsReadWithItsDefaults()
    {
        var settings = Read("""
            namespace: my-team
            sinks:
            - { name: file, kind: openlineage-file, path: out/lineage.jsonl, from: start }
            - { name: marquez, kind: openlineage-http, url: 'http://127.0.0.1:5000', secret_env: KEY, timeout: 30s }
            - { name: hook, kind: webhook, url: 'https://example.org/a?b=c', events: [run.ended] }
            otlp: { endpoint: 'http://127.0.0.1:4318', interval: 15s }
            """);
        Assert.Equal([Path.Combine(home.Root, "out/lineage.jsonl"), "http://127.0.0.1:5000/api/v1/lineage", "https://example.org/a"], settings.Sinks.Select(s => s.Target));
        Assert.Equal([true, false, false], settings.Sinks.Select(s => s.FromStart));
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Sinks[1].Timeout);
        Assert.Equal("my-team", settings.Namespace);
        Assert.Equal((new Uri("http://127.0.0.1:4318"), TimeSpan.FromSeconds(15)), (settings.Otlp!.Endpoint!, settings.Otlp.Interval));
    }

    [Fact]
    public void Faults_AreToldAllAtOnce_WithTheirPlaces()
    {
        var fault = Assert.Throws<WorkflowException>(() => Read("""
            sinks:
            - { name: a, kind: openlineage-fil, path: x }
            - { name: a, kind: webhook, url: 'http://user:geheim@example.org/', event: [x] }
            - { name: c, kind: openlineage-file, url: 'http://x' }
            - { name: d, kind: webhook }
            otlp: { interval: soon }
            """));
        Assert.Equal(2, fault.ExitCode);
        Assert.Contains("did you mean 'openlineage-file'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("did you mean 'events'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("a name of its own", fault.Message, StringComparison.Ordinal);
        Assert.Contains("has no 'url'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("either url or url_env", fault.Message, StringComparison.Ordinal);
        Assert.Contains(":6:", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("geheim", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_ConfiguresAsOtherProducersDo()
    {
        environment["OPENLINEAGE_URL"] = "http://127.0.0.1:5000/";
        environment["OPENLINEAGE_API_KEY"] = "k";
        environment["OPENLINEAGE_NAMESPACE"] = "prod";
        environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://127.0.0.1:4318";
        var settings = Read(null);
        var sink = Assert.Single(settings.Sinks);
        Assert.Equal(("http://127.0.0.1:5000/api/v1/lineage", "OPENLINEAGE_API_KEY", "prod"), (sink.Url, sink.SecretEnv, settings.Namespace));
        Assert.NotNull(settings.Otlp);
        environment["OPENLINEAGE_DISABLED"] = "true";
        environment["OTEL_SDK_DISABLED"] = "true";
        Assert.Equal((0, null), (Read(null).Sinks.Count, Read(null).Otlp));
    }

    OutsideSettings Read(string? text)
    {
        if (text is not null)
        {
            File.WriteAllText(Path.Combine(home.Root, "sinks.yaml"), text);
        }

        return OutsideSettingsReader.Read(home.Paths, environment.GetValueOrDefault);
    }
}
