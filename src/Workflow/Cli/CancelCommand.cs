using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Cli.Remote;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary><c>cancel RUN</c>: stops a run, wherever it is executed.</summary>
sealed class CancelCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var reason = new Option<string>("--reason") { Description = "Why, for the audit", HelpName = "TEXT" };
        var command = new Command("cancel", "Stop a run; what it committed stays, and resume continues it") { run, reason };
        command.SetAction(async (parse, cancellationToken) =>
        {
            string id, state;
            if (context.Remote(parse) is { } remote)
            {
                using var server = remote;
                (id, state) = await RemoteCancel.CancelAsync(server, parse.GetValue(run)!, parse.GetValue(reason), context.Time, cancellationToken);
            }
            else
            {
                using (var ledger = context.OpenRead(parse))
                {
                    id = ledger.ResolveRun(parse.GetValue(run)!);
                }

                state = await new RunService(context.PathsOf(parse), context.Host()).CancelAsync(id, RunRequest.FromUser.Actor, parse.GetValue(reason) ?? "on the command line", cancellationToken);
            }

            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonObject { ["run"] = id, ["state"] = state });
            }
            else
            {
                context.Output.WriteLine($"Run {id}: {state}");
            }

            if (state != "cancelled")
            {
                await context.Error.WriteLineAsync($"Run {id} had ended before: {state}.");
            }

            return state == "cancelled" ? 0 : 1;
        });
        return command;
    }
}
