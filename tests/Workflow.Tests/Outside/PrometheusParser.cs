using System.Diagnostics;
using System.Text.Json;
using Xunit;

namespace Workflow.Tests.Outside;

/// <summary>A family as Prometheus's own parser reads it.</summary>
sealed record ParsedFamily(string Name, string Type, string Help, IReadOnlyList<ParsedSample> Samples);

/// <summary>A sample of it.</summary>
sealed record ParsedSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>Reads the text format with the parser of Prometheus's Python client (Debian: python3-prometheus-client); the test is skipped where it is absent.</summary>
static class PrometheusParser
{
    const string Script = """
        import json, math, sys
        try:
            from prometheus_client.parser import text_string_to_metric_families
        except ImportError:
            sys.exit(77)
        say = lambda v: v if math.isfinite(v) else str(v)
        print(json.dumps([{"Name": f.name, "Type": f.type, "Help": f.documentation, "Samples": [{"Name": s.name, "Labels": s.labels, "Value": say(s.value)} for s in f.samples]}
                          for f in text_string_to_metric_families(sys.stdin.read())]))
        """;

    static readonly JsonSerializerOptions Named = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public static async Task<IReadOnlyList<ParsedFamily>> ParseAsync(string text, CancellationToken cancellationToken)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "There is no /usr/bin/python3.");
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = python.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = python.StandardError.ReadToEndAsync(cancellationToken);
        await python.StandardInput.WriteAsync(text.AsMemory(), cancellationToken);
        python.StandardInput.Close();
        await python.WaitForExitAsync(cancellationToken);
        Assert.SkipWhen(python.ExitCode == 77, "python3-prometheus-client is not installed.");
        Assert.True(python.ExitCode == 0, $"{await error}\n{text}");
        return JsonSerializer.Deserialize<List<ParsedFamily>>(await output, Named)!;
    }

    /// <summary>The one sample of a name with these labels.</summary>
    public static double Value(this IEnumerable<ParsedFamily> families, string name, params (string Name, string Value)[] labels) =>
        Assert.Single(families.SelectMany(f => f.Samples), s => s.Name == name && labels.All(l => s.Labels.GetValueOrDefault(l.Name) == l.Value)).Value;
}
