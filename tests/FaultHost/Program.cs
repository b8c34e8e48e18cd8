using FaultHost;
using Workflow;
using Workflow.Artifacts;
using Workflow.Engine;
using Workflow.Ledger;
using Workflow.Runs;
using Workflow.Stages;

// A process for tests to kill. go HOME JOB.json: run, or resume what is there. worker HOME JOB.json: the same without the home's lock. serve HOME: take requests. ledger HOME: many callers write rows and say which are durable. engine HOME INSTANCE STEP...: a Quartz engine. stage-child: a stage's process.
if (args is ["stage-child", "--request", var request])
{
    return await StageChild.RunAsync(request, FakeStages.Table());
}

var paths = new HomePaths(args[1]);
var options = Settings.Options(Environment.GetEnvironmentVariable("FAULT_MUTANT"), Number("FAULT_HEARTBEAT_MS", 1000), Number("FAULT_TAKEOVER_MS", 3_600_000));
var observer = new LineObserver();
try
{
    switch (args[0])
    {
        case "go":
            var service = new RunService(paths, options);
            var outcome = Existing() is { } run
                ? await service.ResumeAsync(run, new RunRequest("test"), observer, CancellationToken.None)
                : await service.RunAsync(FakeJob.FromJson(File.ReadAllText(args[2])), new RunRequest("test"), observer, CancellationToken.None);
            return outcome.Succeeded ? 0 : 1;
        case "worker":
            using (var home = new Home(paths, options, "worker"))
            {
                var id = Existing() ?? new RunRows(home).Create(FakeJob.FromJson(File.ReadAllText(args[2])), new RunRequest("test"));
                await using var engine = new InlineEngine(options.Time);
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

static int Number(string name, int otherwise) => Environment.GetEnvironmentVariable(name) is { } text ? int.Parse(text) : otherwise;
