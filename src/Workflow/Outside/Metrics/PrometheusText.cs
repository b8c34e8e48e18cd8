using System.Globalization;
using System.Text;

namespace Workflow.Outside.Metrics;

/// <summary>Writes metrics in Prometheus's text format 0.0.4: each family once, with its HELP and TYPE, then its samples.</summary>
sealed class PrometheusText
{
    /// <summary>Media type of the text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    readonly StringBuilder text = new();
    readonly HashSet<string> written = new(StringComparer.Ordinal);

    /// <summary>One value that goes up and down.</summary>
    public void Gauge(string name, string help, double value) => Gauges(name, help, [([], value)]);

    /// <summary>Values that go up and down, by labels.</summary>
    public void Gauges(string name, string help, IEnumerable<((string Name, string Value)[] Labels, double Value)> samples) => Family(name, help, "gauge", samples);

    /// <summary>One value that only grows while the process lives; its name ends in <c>_total</c>.</summary>
    public void Counter(string name, string help, double value) => Counters(name, help, [([], value)]);

    /// <summary>Values that only grow, by labels.</summary>
    public void Counters(string name, string help, IEnumerable<((string Name, string Value)[] Labels, double Value)> samples) => Family(name, help, "counter", samples);

    /// <summary>Distributions, by labels.</summary>
    public void Histograms(string name, string help, IEnumerable<((string Name, string Value)[] Labels, Distribution Value)> samples)
    {
        Head(name, help, "histogram");
        foreach (var (labels, value) in samples)
        {
            var below = 0L;
            for (var i = 0; i < value.Bounds.Count; i++)
            {
                below += value.Counts[i];
                Sample($"{name}_bucket", [.. labels, ("le", Number(value.Bounds[i]))], below);
            }

            Sample($"{name}_bucket", [.. labels, ("le", "+Inf")], value.Count);
            Sample($"{name}_sum", labels, value.Sum);
            Sample($"{name}_count", labels, value.Count);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => text.ToString();

    void Family(string name, string help, string type, IEnumerable<((string Name, string Value)[] Labels, double Value)> samples)
    {
        Head(name, help, type);
        foreach (var (labels, value) in samples)
        {
            Sample(name, labels, value);
        }
    }

    void Head(string name, string help, string type)
    {
        if (!written.Add(name))
        {
            throw new InvalidOperationException($"The metric {name} was written twice.");
        }

        text.Append("# HELP ").Append(name).Append(' ').Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
    }

    void Sample(string name, (string Name, string Value)[] labels, double value)
    {
        text.Append(name);
        for (var i = 0; i < labels.Length; i++)
        {
            text.Append(i == 0 ? '{' : ',').Append(labels[i].Name).Append("=\"")
                .Append(labels[i].Value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }

        text.Append(labels.Length > 0 ? "} " : " ").Append(Number(value)).Append('\n');
    }

    static string Number(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}
