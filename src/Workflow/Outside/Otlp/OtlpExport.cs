using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Workflow.Ledger;

namespace Workflow.Outside.Otlp;

/// <summary>Sends traces and metrics to a collector by OTLP. Best effort, as telemetry is: what a collector does not take is not kept. The history and its sinks are what nothing is lost from.</summary>
sealed class OtlpExport : IOutsideExport
{
    readonly RunSpans spans = new();
    readonly RunInstruments instruments;
    readonly TracerProvider? traces;
    readonly MeterProvider? metrics;

    OtlpExport(OtlpSettings settings, string home, LedgerDb ledger, Func<string, string?> environment)
    {
        // Before the provider listens: its first look at the instruments finds them.
        instruments = new RunInstruments(ledger);
        traces = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(Resource(home, environment)).AddSource(RunSpans.Name).AddOtlpExporter(o => Aim(o, settings, "v1/traces")).Build();
        metrics = Sdk.CreateMeterProviderBuilder().SetResourceBuilder(Resource(home, environment)).AddMeter(RunSpans.Name).AddOtlpExporter((o, reader) =>
        {
            Aim(o, settings, "v1/metrics");
            reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)settings.Interval.TotalMilliseconds;
        }).Build();
    }

    /// <inheritdoc/>
    public IReadOnlyList<IHistoryListener> Listeners => [spans, instruments];

    /// <summary>Starts. OpenTelemetry's libraries are loaded by this call and not before: most processes do without them.</summary>
    /// <param name="settings">Where to.</param>
    /// <param name="home">Id of the home: the instance of the service.</param>
    /// <param name="ledger">Its ledger.</param>
    /// <param name="environment">OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IOutsideExport Start(OtlpSettings settings, string home, LedgerDb ledger, Func<string, string?> environment) =>
        new OtlpExport(settings, home, ledger, environment);

    static ResourceBuilder Resource(string home, Func<string, string?> environment)
    {
        var resource = ResourceBuilder.CreateDefault();
        return environment("OTEL_SERVICE_NAME") is { Length: > 0 } ? resource : resource.AddService("workflow", serviceVersion: ProgramVersion.Text, serviceInstanceId: home);
    }

    /// <summary>An endpoint of sinks.yaml speaks HTTP; without one the standard variables decide endpoint, protocol, headers and timeout.</summary>
    static void Aim(OtlpExporterOptions options, OtlpSettings settings, string path)
    {
        if (settings.Endpoint is { } endpoint)
        {
            options.Protocol = OtlpExportProtocol.HttpProtobuf;
            options.Endpoint = new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        spans.Dispose();
        traces?.Dispose();
        metrics?.Dispose();
        instruments.Dispose();
    }
}
