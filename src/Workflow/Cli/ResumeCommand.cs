using System.CommandLine;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary><c>resume RUN</c>: continues an unfinished, failed or cancelled run under its id.</summary>
sealed class ResumeCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var command = new Command("resume", "Continue an unfinished, failed or cancelled run under the same id") { run };
        command.SetAction(async (parse, cancellationToken) =>
        {
            string id;
            using (var ledger = context.OpenRead(parse))
            {
                id = ledger.ResolveRun(parse.GetValue(run)!);
            }

            return await RunEnd.ReportAsync(context, parse, (service, observer) => service.ResumeAsync(id, RunRequest.FromUser, observer, cancellationToken));
        });
        return command;
    }
}
