using FaultHost;
using Workflow;
using Workflow.Artifacts;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Stages;

// A process for tests to kill. go HOME JOB.json: run, or resume what is there, through a serve of its own where FAULT_ENGINE names one. new HOME JOB.json: the same, always a new run. worker HOME JOB.json: the same without the home's lock.
// serve HOME: take requests. ledger HOME: many callers write rows and say which are durable.
// engine HOME INSTANCE STEP...: a Quartz engine. stage-child: a stage's process.
if (args is ["stage-child", "--request", var request])
{
    return await StageChild.RunAsync(request, FakeStages.Table());
}

var paths = new HomePaths(args[1]);
var options = Settings.FromEnvironment();
var observer = new LineObserver();
try
{
    switch (args[0])
    {
        case "go" or "new" when Settings.Engine is not null && !Mutants.Unlocked:
            await using (var served = await ServedHome.StartAsync(paths, options, observer))
            {
                var ended = args[0] == "go" && Existing() is { } there ? await served.ResumeAsync(there, CancellationToken.None) : await served.RunAsync(Job().Spec(), CancellationToken.None);
                return ended.Succeeded ? 0 : 1;
            }

        case "go" when !Mutants.Unlocked:
            var service = new RunService(paths, options);
            var outcome = Existing() is { } run
                ? await service.ResumeAsync(run, new RunRequest("test"), observer, CancellationToken.None)
                : await service.RunAsync(Job().Spec(), new RunRequest("test"), observer, CancellationToken.None);
            return outcome.Succeeded ? 0 : 1;
        case "go" or "worker":
            using (var home = new Home(paths, options, "worker"))
            {
                var id = Existing() ?? new RunRows(home).Create(Job().Spec(), new RunRequest("test"));

                // Workers share the home, never an engine's store.
                await using var engine = options.Engine(new HomePaths(Path.Combine(paths.Root, $"engine-{Environment.ProcessId}")), options.Time);
                await engine.StartAsync(CancellationToken.None);
                using var stop = new CancellationTokenSource();
                var dispatcher = new Dispatcher(home, engine);
                var ended = dispatcher.Start(id, observer);
                var loop = dispatcher.RunAsync(stop.Token);
                await Task.WhenAny(ended, loop);
                await stop.CancelAsync();
                await loop;
                return await ended == "succeeded" ? 0 : 1;
            }

        case "ledger":
            LedgerWriters.Run(paths.Ledger);
            return 0;
        case "engine":
            return await EngineHost.RunAsync(args[1], args[2], args[3..]);
        case "serve":
            await new RunService(paths, options).ServeAsync(_ => observer, CancellationToken.None);
            return 0;
        default:
            return 2;
    }
}
catch (WorkflowException fault)
{
    Console.Error.WriteLine(fault.Message);
    return fault.ExitCode;
}

string? Existing()
{
    if (!File.Exists(paths.Ledger))
    {
        return null;
    }

    using var ledger = LedgerDb.OpenRead(paths.Ledger, TimeProvider.System);
    return ledger.Runs(1) is [var newest] ? newest.RunId : null;
}

FakeJob Job() => System.Text.Json.JsonSerializer.Deserialize<FakeJob>(File.ReadAllText(args[2]))!;
