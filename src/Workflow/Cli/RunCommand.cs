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
        var priority = new Option<int?>("--priority") { Description = "Higher goes first among the runs of a home; one step counts as ten minutes of waiting", HelpName = "N" };
        var slots = SlotArguments.Option();
        var command = new Command("run", "Run a job; what is already computed is reused") { job, sets, reason, priority, slots };
        command.SetAction(async (parse, cancellationToken) =>
        {
            var spec = JobFileReader.Read(parse.GetValue(job)!, context.Stages, parse.GetValue(sets) ?? [], context.CurrentFolder).Require();
            var request = RunRequest.FromUser with { Reason = parse.GetValue(reason), Priority = parse.GetValue(priority) };
            return await RunEnd.ReportAsync(context, parse, (service, observer) => service.RunAsync(spec, request, observer, cancellationToken), SlotArguments.Of(parse, slots));
        });
        return command;
    }
}
