using System.CommandLine;
using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Cli;

/// <summary><c>logs RUN</c>: what the attempts of a run wrote.</summary>
sealed class LogsCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var stage = new Option<string>("--stage") { Description = "Only this stage or node", HelpName = "STAGE" };
        var limit = new Option<int>("--limit") { Description = "The newest so many lines", DefaultValueFactory = _ => 10_000 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with the lines that are added, until the run has ended; with --json one object per line" };
        var command = new Command("logs", "Print the logs of a run's attempts") { run, stage, limit, follow };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var json = context.WantsJson(parse);
            if (parse.GetValue(follow))
            {
                await foreach (var line in reads.FollowLogsAsync(parse.GetValue(run)!, parse.GetValue(stage), parse.GetValue(limit), cancellationToken))
                {
                    context.Output.WriteLine(json ? ApiJson.Text(line) : Text(line));
                    context.Output.Flush();
                }

                return 0;
            }

            var lines = await reads.LogsAsync(parse.GetValue(run)!, parse.GetValue(stage), parse.GetValue(limit), cancellationToken);
            if (json)
            {
                context.WriteShape(lines);
                return 0;
            }

            foreach (var line in lines)
            {
                context.Output.WriteLine(Text(line));
            }

            return 0;
        });
        return command;
    }

    static string Text(LogItem line) => $"{HumanText.Stamp(line.Time)} {line.Node}#{line.Attempt} {line.Line}";
}
