using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Outside.OpenLineage;
using Workflow.Outside.Otlp;

namespace Workflow.Outside;

/// <summary>
/// All that tells the outside while a process holds a home: one loop per sink. Start it under the home's lock, ring it where convenient, finish or dispose it before the ledger is closed.
/// </summary>
sealed class OutsideServices : IAsyncDisposable
{
    readonly OutsideOptions options;
    readonly TimeProvider time;
    readonly OutsideBell bell;
    readonly CancellationTokenSource stop = new();
    readonly List<ISink> sinks = [];
    readonly List<Task> loops = [];
    IOutsideExport? otlp;

    OutsideServices(OutsideOptions options, TimeProvider time) => (this.options, this.time, bell) = (options, time, new OutsideBell(time));

    /// <summary>Reads the settings and starts.</summary>
    /// <param name="paths">The home, whose lock this process holds.</param>
    /// <param name="ledger">Its ledger, opened for writing.</param>
    /// <param name="options">Environment and limits.</param>
    /// <exception cref="WorkflowException">The settings have faults.</exception>
    public static OutsideServices Start(HomePaths paths, LedgerDb ledger, OutsideOptions options)
    {
        var settings = OutsideSettingsReader.Read(paths, options.Environment);
        var services = new OutsideServices(options, ledger.Time);
        var rows = new SinkRows(ledger);
        if (settings.Sinks.Count > 0 || ledger.Read(db => db.Number("SELECT COUNT(*) FROM sink WHERE retired_us IS NULL")) > 0)
        {
            rows.Declare(settings.Sinks);
        }

        var home = ledger.Read(db => db.Text("SELECT v FROM home WHERE k='home_id'")) ?? "";
        foreach (var spec in settings.Sinks)
        {
            var start = rows.Position(spec.Name).Start;
            var (sink, source) = services.Make(spec, home, settings.Namespace ?? OutsideSettingsReader.Default(home), start);
            services.sinks.Add(sink);
            services.loops.Add(Task.Run(() => new SinkLoop(home, spec, sink, source, ledger, services.bell).RunAsync(services.stop.Token)));
        }

        services.Follow(ledger, settings, home);
        return services;
    }

    /// <summary>Follows what happens for those who count it.</summary>
    void Follow(LedgerDb ledger, OutsideSettings settings, string home)
    {
        List<IHistoryListener> listeners = [];
        if (options.Pulse is { } pulse)
        {
            listeners.Add(pulse.History);
        }

        if (settings.Otlp is { } collector)
        {
            otlp = OtlpExport.Start(collector, home, ledger, options.Environment);
            listeners.AddRange(otlp.Listeners);
        }

        if (listeners.Count == 0)
        {
            return;
        }

        var tail = new HistoryTail(ledger, listeners);
        if (options.Pulse is { } shared)
        {
            shared.Tail = tail;
        }

        loops.Add(Task.Run(() => tail.RunAsync(bell, stop.Token)));
    }

    (ISink Sink, IMessageSource Source) Make(SinkSpec spec, string home, string ns, long start) => spec.Kind switch
    {
        SinkKinds.Webhook => (new HttpSink(spec, time, options.Environment, (request, message, secret) => WebhookSource.Sign(request, message, secret, time)), new WebhookSource(home, spec.Events, start)),
        SinkKinds.OpenLineageHttp => (new HttpSink(spec, time, options.Environment, Authorize), new OpenLineageSource(ns, start)),
        _ => (new FileSink(spec.Path!), new OpenLineageSource(ns, start)),
    };

    static void Authorize(HttpRequestMessage request, OutsideMessage message, string? secret)
    {
        if (secret is not null)
        {
            request.Headers.Authorization = new("Bearer", secret);
        }
    }

    /// <summary>Tells what is left, as far as receivers take it within the limit, and stops.</summary>
    public async Task FinishAsync()
    {
        bell.End();

        // Where the time is up, the next process goes on from the cursors.
        await Task.WhenAll(loops).WaitAsync(options.Finish, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await DisposeAsync();
    }

    /// <summary>Stops at once; a message under way is sent again by the next process.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var sink in sinks)
        {
            await sink.DisposeAsync();
        }

        sinks.Clear();
        if (Interlocked.Exchange(ref otlp, null) is { } export)
        {
            // It waits for its own threads, which send what is left.
            await Task.Run(export.Dispose);
        }
    }
}
