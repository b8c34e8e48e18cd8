using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary><c>logs RUN</c>: what attempts wrote.</summary>
sealed class LogsCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var stage = new Option<string>("--stage") { Description = "Only this stage or node", HelpName = "STAGE" };
        var limit = new Option<int>("--limit") { Description = "The newest so many lines", DefaultValueFactory = _ => 10_000 };
        var command = new Command("logs", "Print the logs of a run's attempts") { run, stage, limit };
        command.SetAction(parse =>
        {
            using var ledger = context.OpenRead(parse);
            var lines = ledger.Logs(ledger.ResolveRun(parse.GetValue(run)!), parse.GetValue(stage), parse.GetValue(limit));
            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonArray([.. lines.Select(l => new JsonObject { ["time"] = l.Time.UtcDateTime.ToString("O"), ["node"] = l.NodeId, ["attempt"] = l.Epoch, ["line"] = l.Line })]));
                return 0;
            }

            foreach (var line in lines)
            {
                context.Output.WriteLine($"{HumanText.Stamp(line.Time)} {line.NodeId}#{line.Epoch} {line.Line}");
            }

            return 0;
        });
        return command;
    }
}
