using System.CommandLine;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary><c>resume RUN</c>: continues an unfinished, partial, failed or cancelled run under its id, or starts its job again from a stage on.</summary>
sealed class ResumeCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var from = new Option<string?>("--from") { Description = "Start a new run of its job that computes this stage and all that follows it anew; the earlier run may have ended in any state", HelpName = "STAGE" };
        var command = new Command("resume", "Continue an unfinished, partial, failed or cancelled run under the same id") { run, from };
        command.SetAction(async (parse, cancellationToken) =>
        {
            string id;
            using (var ledger = context.OpenRead(parse))
            {
                id = ledger.ResolveRun(parse.GetValue(run)!);
            }

            return await RunEnd.ReportAsync(context, parse, (service, observer) => parse.GetValue(from) is { } stage
                ? service.RestartAsync(id, stage, RunRequest.FromUser, observer, cancellationToken)
                : service.ResumeAsync(id, RunRequest.FromUser, observer, cancellationToken));
        });
        return command;
    }
}
