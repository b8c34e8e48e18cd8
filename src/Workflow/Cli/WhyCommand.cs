using System.CommandLine;
using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Cli;

/// <summary><c>why RUN STAGE</c>: why a stage was computed or reused.</summary>
sealed class WhyCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var stage = new Argument<string>("STAGE") { Description = "A stage, or one node of it (stage/key)" };
        var command = new Command("why", "Tell why a stage was computed again or reused") { run, stage };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var rows = await reads.WhyAsync(parse.GetValue(run)!, parse.GetValue(stage)!, cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(rows);
                return 0;
            }

            foreach (var row in rows)
            {
                context.Output.WriteLine($"{row.Node}: {Text(row)}");
            }

            return 0;
        });
        return command;
    }

    static string Text(WhyItem row) => row.Result switch
    {
        "hit" => $"reused{(row.ReusedFrom is { } from ? $" from run {from}" : "")}: the same stage, options and inputs were computed before",
        "miss" => $"computed ({row.State}), because {string.Join("; ", row.Differences.Select(d => d.Text))}{string.Concat(row.Reuse.Select(r => $"\n  {r.Text}"))}",
        _ => $"not looked up yet ({row.State})",
    };
}
