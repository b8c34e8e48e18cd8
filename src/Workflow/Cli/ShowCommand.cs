using System.CommandLine;
using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Cli;

/// <summary><c>show RUN</c>: stages of a run with what they published.</summary>
sealed class ShowCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var command = new Command("show", "Show a run: its stages, their attempts and artifacts") { run };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var view = await reads.RunAsync(parse.GetValue(run)!, cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(RunShown.Of(view));
                return 0;
            }

            Print(view, context.Output);
            return 0;
        });
        return command;
    }

    static void Print(RunView run, TextWriter output)
    {
        output.WriteLine($"Run {run.Run}: {run.Job}, {run.State}, started {HumanText.Stamp(run.Started)} UTC by {run.RequestedBy} ({run.Trigger})");
        if (run.Error is { } error)
        {
            output.WriteLine(error);
        }

        output.WriteLine();
        RunSummary.Write(run, output);
        if (run.Failures.Count > 0)
        {
            output.WriteLine();
            var table = new TextTable("attempt", "epoch", "ended", "how", "why").Right(1);
            foreach (var attempt in run.Failures)
            {
                table.Add(attempt.Node, attempt.Epoch.ToString(), attempt.State, attempt.Exit ?? "", attempt.Error?.Split('\n')[0] ?? "");
            }

            table.Write(output);
        }
    }
}
