using System.CommandLine;
using Workflow.Cli.Remote;
using Workflow.Dashboard.Api.Shapes;
using Workflow.Jobs;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary><c>run JOB.yaml</c>: runs a job to its end.</summary>
sealed class RunCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var (job, sets) = (JobArguments.Job(), JobArguments.Set());
        var reason = new Option<string>("--reason") { Description = "Why, for the history", HelpName = "TEXT" };
        var priority = new Option<int?>("--priority") { Description = "Higher goes first among the runs of a home; one step counts as ten minutes of waiting", HelpName = "N" };
        var slots = SlotArguments.Option();
        var command = new Command("run", "Run a job; what is already computed is reused") { job, sets, reason, priority, slots };
        command.SetAction(async (parse, cancellationToken) =>
        {
            if (context.Remote(parse) is { } remote)
            {
                using var server = remote;
                if (parse.GetValue(slots) is { Length: > 0 })
                {
                    throw new WorkflowException("'--slots' says how much this machine runs at once; at a server its `serve --slots` does.", exitCode: 2);
                }

                var text = RemoteJob.Text(context.PathOf(parse.GetValue(job)!), parse.GetValue(job)!);
                var asked = await server.PostAsync<AskedRun>("runs", new RunBody(text, parse.GetValue(job), parse.GetValue(sets), parse.GetValue(priority), parse.GetValue(reason)), cancellationToken);
                return await RemoteRun.FollowAsync(context, parse, server, asked, cancellationToken);
            }

            var spec = JobFileReader.Read(parse.GetValue(job)!, context.Stages, parse.GetValue(sets) ?? [], context.CurrentFolder).Require();
            var request = RunRequest.FromUser with { Reason = parse.GetValue(reason), Priority = parse.GetValue(priority) };
            return await RunEnd.ReportAsync(context, parse, (service, observer) => service.RunAsync(spec, request, observer, cancellationToken), SlotArguments.Of(parse, slots));
        });
        return command;
    }
}
