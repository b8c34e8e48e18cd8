using System.CommandLine;
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
        var command = new Command("run", "Run a job; what is already computed is reused") { job, sets, reason };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var spec = JobFileReader.Read(parse.GetValue(job)!, context.Stages, parse.GetValue(sets) ?? [], context.CurrentFolder).Require();
            var request = RunRequest.FromUser with { Reason = parse.GetValue(reason) };
            return await RunEnd.ReportAsync(context, parse, (service, observer) => service.RunAsync(spec, request, observer, cancellationToken));
        });
        return command;
    }
}
