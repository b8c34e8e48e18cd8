using System.CommandLine;

namespace Workflow.Cli;

/// <summary><c>runs</c>: the runs of a home, newest first.</summary>
sealed class RunsCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var limit = new Option<int>("--limit") { Description = "List so many at most", DefaultValueFactory = _ => 50 };
        var command = new Command("runs", "List runs, newest first") { limit };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var runs = await reads.RunsAsync(parse.GetValue(limit), cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(runs);
                return 0;
            }

            if (runs.Count == 0)
            {
                context.Output.WriteLine("No runs yet. `workflow run JOB.yaml` starts one.");
                return 0;
            }

            var table = new TextTable("run", "job", "state", "started (UTC)", "time", "nodes", "reused").Right(4, 5, 6);
            foreach (var run in runs)
            {
                var time = run.Seconds is { } seconds ? HumanText.Time(TimeSpan.FromSeconds(seconds)) : "";
                table.Add(run.Run, run.Job, run.State, HumanText.Stamp(run.Started), time, $"{run.Done}/{run.Nodes}", run.Reused.ToString());
            }

            table.Write(context.Output);
            return 0;
        });
        return command;
    }
}
