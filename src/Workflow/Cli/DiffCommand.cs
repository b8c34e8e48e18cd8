using System.CommandLine;

namespace Workflow.Cli;

/// <summary><c>diff RUN RUN</c>: two runs side by side, the earlier one first.</summary>
sealed class DiffCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var first = RunArguments.Run();
        var second = new Argument<string?>("OTHER") { Description = "Another run; without it the run of the same job before", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Also what is the same in both" };
        var command = new Command("diff", "Compare two runs: parameters, data, code, environment, scores, times") { first, second, all };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var diff = await reads.DiffAsync(parse.GetValue(first)!, parse.GetValue(second), cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(diff);
            }
            else
            {
                DiffText.Write(context.Output, diff, parse.GetValue(all));
            }

            return 0;
        });
        return command;
    }
}
