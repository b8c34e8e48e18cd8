namespace Workflow.Outside;

/// <summary>What is told to the outside, from <c>HOME/sinks.yaml</c> and the environment.</summary>
/// <param name="Namespace">Namespace of OpenLineage jobs and datasets; null where none is configured.</param>
/// <param name="Sinks">Where the history goes.</param>
/// <param name="Otlp">Where traces and metrics go; null sends none.</param>
sealed record OutsideSettings(string? Namespace, IReadOnlyList<SinkSpec> Sinks, OtlpSettings? Otlp);

/// <summary>An OpenTelemetry collector.</summary>
/// <param name="Endpoint">Its address; the protocol's paths are appended. Null leaves it to the standard environment variables.</param>
/// <param name="Interval">Time between exports of metrics.</param>
sealed record OtlpSettings(Uri? Endpoint, TimeSpan Interval);
