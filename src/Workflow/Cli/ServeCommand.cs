using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Workflow.Cli.Remote;
using Workflow.Dashboard;
using Workflow.Outside.Health;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary><c>serve</c>: scheduler, workers and dashboard of a home, until stopped.</summary>
sealed class ServeCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var url = new Option<string>("--url", "--urls") { Description = "Address of the dashboard, http or https; port 0 takes a free one. Beyond loopback people sign in (workflow account), or a proxy names them", DefaultValueFactory = _ => "http://127.0.0.1:5080" };
        var engine = new Option<string>("--engine") { Description = "What rings for schedules and runs; the ledger decides either way", DefaultValueFactory = _ => context.Engines.Keys.First() };
        engine.AcceptOnlyFromAmong([.. context.Engines.Keys]);
        var slots = SlotArguments.Option();
        var jobs = new Option<string[]>("--jobs")
        {
            Description = "Job files, or folders of them, whose schedules are kept; files that come, change or go are noticed",
            HelpName = "PATH",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => [],
        };
        var command = new Command("serve", "Serve a home: take runs, execute them, show them in a browser") { url, jobs, engine, slots };
        var access = new ServeAccess();
        access.AddTo(command);
        command.SetAction((parse, cancellationToken) =>
        {
            var served = parse.GetValue(jobs)!.Select(context.PathOf).ToList();
            if (served.Find(p => !Path.Exists(p)) is { } missing)
            {
                throw new WorkflowException($"--jobs: there is no {missing}. Expected a job file or a folder of job files.", exitCode: 2);
            }

            var host = context.Host() with { Engine = context.Engines[parse.GetValue(engine)!], ServedJobs = served };
            return ServeAsync(context, parse, host with { Slots = SlotArguments.Of(parse, slots) ?? host.Slots }, new DashboardOptions { Home = context.PathsOf(parse).Root, Url = parse.GetValue(url)!, Time = context.Time, Access = access.Of(context, parse), ReadOnly = access.ReadOnly(parse) }, cancellationToken);
        });
        return command;
    }

    /// <summary>The first of both to end ends the other. Web server types are touched here alone, so that other commands start without loading them.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    static async Task<int> ServeAsync(CliContext context, ParseResult parse, Runs.HostOptions host, DashboardOptions options, CancellationToken cancellationToken)
    {
        var paths = context.PathsOf(parse);
        var pulse = new HostPulse();
        var service = new RunService(paths, host with { Outside = host.Outside with { Pulse = pulse } });
        await using var supervision = Supervision.Start(pulse, context.Time, host.Outside.Environment);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var stopping = stop.Token.Register(supervision.Stopping);
        var serving = service.ServeAsync(_ => new PlainObserver(context.Time, context.Error), stop.Token);
        while (!serving.IsCompleted && HomeLock.Holder(paths)?.Process != ProcessIdentity.Current)
        {
            // Nobody is told an address before the home is ours.
            await Task.Delay(TimeSpan.FromMilliseconds(20), context.Time, CancellationToken.None);
        }

        if (serving.IsCompleted)
        {
            await serving;
            return 0;
        }

        var acts = LedgerActs.Of(paths, context.Time, host.Ageing, Schedules.ScheduledJobs.Over(context.Stages)) with { Filters = new SavedFilterActions(paths, context.Time), Storage = new StorageActions(paths, context.Time) };
        var served = options with
        {
            Pulse = pulse,
            Acts = acts,
            Starts = new SentJobs(paths, context.Time, context.Stages, SentJobs.RootOf(host.ServedJobs, context.CurrentFolder)),
        };
        var dashboard = DashboardHost.RunAsync(served, acts.Runs, new TableSamples(context), address =>
        {
            Tell(context, parse, address);
            supervision.Ready($"serving {paths.Root} at {address}");
        }, stop.Token);
        var garbage = new Artifacts.GarbageServer(paths, context.Time).RunAsync(stop.Token);
        await Task.WhenAny(serving, dashboard, garbage);
        await stop.CancelAsync();
        await Task.WhenAll(dashboard, serving, garbage);
        return 0;
    }

    static void Tell(CliContext context, ParseResult parse, string address)
    {
        if (context.WantsJson(parse))
        {
            context.WriteJson(new JsonObject { ["address"] = address, ["home"] = context.PathsOf(parse).Root });
        }
        else
        {
            context.Output.WriteLine($"Dashboard: {address}  (home {context.PathsOf(parse).Root}; Ctrl-C ends it)");
        }

        context.Output.Flush();
        if (address.StartsWith("http:", StringComparison.Ordinal) && !new Uri(address).IsLoopback)
        {
            context.Error.WriteLine("Passwords cross the network readable: give --certificate and --key, or let a proxy speak https (--trusted-proxy).");
        }
    }
}
