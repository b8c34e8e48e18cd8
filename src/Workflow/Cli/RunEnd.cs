using System.CommandLine;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary>Executes a run with its progress shown, and tells how it ended.</summary>
static class RunEnd
{
    /// <summary>0 where the run succeeded, else 1.</summary>
    public static async Task<int> ReportAsync(CliContext context, ParseResult parse, Func<RunService, IRunObserver, Task<RunOutcome>> execute, IReadOnlyDictionary<string, int>? slots = null)
    {
        var paths = context.PathsOf(parse);
        var outcome = await execute(new RunService(paths, slots is null ? context.Host() : context.Host() with { Slots = slots }), context.Observer());
        using var ledger = LedgerDb.OpenRead(paths.Ledger, context.Time);
        return await TellAsync(context, parse, RunViews.Read(paths, ledger, outcome.RunId), outcome.Error);
    }

    /// <summary>Tells how a run ended, wherever it did; 0 where it succeeded, else 1.</summary>
    public static async Task<int> TellAsync(CliContext context, ParseResult parse, RunView run, string? fault)
    {
        var json = context.WantsJson(parse);
        var output = json ? context.Error : context.Output;
        var succeeded = run.State == "succeeded";
        output.WriteLine();
        RunSummary.Write(run, output);
        if (succeeded && run.Reused > 0)
        {
            output.WriteLine(run.Reused == run.Nodes ? "Every stage was reused: nothing had changed." : $"{run.Reused} of {run.Nodes} nodes were reused.");
        }

        if (!succeeded)
        {
            await context.Error.WriteLineAsync($"{fault ?? $"The run ended {run.State}."}\n`workflow logs {run.Run}` tells more; `workflow resume {run.Run}` goes on from what is committed.");
        }

        if (json)
        {
            context.WriteShape(RunResult.Of(run));
        }

        return succeeded ? 0 : 1;
    }
}
