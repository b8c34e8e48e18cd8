using System.CommandLine;
using Workflow.Cli.Remote;
using Workflow.Dashboard.Api.Shapes;
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
        var reason = new Option<string>("--reason") { Description = "Why, for the history", HelpName = "TEXT" };
        var command = new Command("resume", "Continue an unfinished, partial, failed or cancelled run under the same id") { run, from, reason };
        command.SetAction(async (parse, cancellationToken) =>
        {
            if (context.Remote(parse) is { } remote)
            {
                using var server = remote;
                var address = $"runs/{RemoteServer.Segment((await server.GetAsync<RunView>($"runs/{RemoteServer.Segment(parse.GetValue(run)!)}", cancellationToken)).Run)}";
                var asked = parse.GetValue(from) is { } first
                    ? await server.PostAsync<AskedRun>($"{address}/restart", new RestartBody(first, parse.GetValue(reason)), cancellationToken)
                    : await server.PostAsync<AskedRun>($"{address}/resume", new ActBody(parse.GetValue(reason)), cancellationToken);
                return await RemoteRun.FollowAsync(context, parse, server, asked, cancellationToken);
            }

            string id;
            using (var ledger = context.OpenRead(parse))
            {
                id = ledger.ResolveRun(parse.GetValue(run)!);
            }

            var request = RunRequest.FromUser with { Reason = parse.GetValue(reason) };
            return await RunEnd.ReportAsync(context, parse, (service, observer) => parse.GetValue(from) is { } stage
                ? service.RestartAsync(id, stage, request, observer, cancellationToken)
                : service.ResumeAsync(id, request, observer, cancellationToken));
        });
        return command;
    }
}
