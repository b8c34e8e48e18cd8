using System.CommandLine;
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
        var run = ledger.Detail(outcome.RunId);
        var json = context.WantsJson(parse);
        var output = json ? context.Error : context.Output;
        output.WriteLine();
        RunSummary.Write(paths, run, output);
        if (outcome.Succeeded && outcome.Reused > 0)
        {
            output.WriteLine(outcome.Reused == outcome.Nodes ? "Every stage was reused: nothing had changed." : $"{outcome.Reused} of {outcome.Nodes} nodes were reused.");
        }

        if (!outcome.Succeeded)
        {
            await context.Error.WriteLineAsync($"{outcome.Error ?? $"The run ended {outcome.State}."}\n`workflow logs {outcome.RunId}` tells more; `workflow resume {outcome.RunId}` goes on from what is committed.");
        }

        if (json)
        {
            context.WriteJson(RunSummary.Json(paths, run));
        }

        return outcome.Succeeded ? 0 : 1;
    }
}
