using System.CommandLine;
using System.Text.Json;
using Workflow.Ledger;
using Workflow.Lineage;

namespace Workflow.Cli;

/// <summary><c>diff RUN RUN</c>: two runs side by side, the earlier one first.</summary>
sealed class DiffCommand : ICliCommand
{
    static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public Command Build(CliContext context)
    {
        var first = RunArguments.Run();
        var second = new Argument<string?>("OTHER") { Description = "Another run; without it the run of the same job before", Arity = ArgumentArity.ZeroOrOne };
        var all = new Option<bool>("--all") { Description = "Also what is the same in both" };
        var command = new Command("diff", "Compare two runs: parameters, data, code, environment, scores, times") { first, second, all };
        command.SetAction((parse, cancellationToken) =>
        {
            using var ledger = context.OpenRead(parse);
            var run = ledger.ResolveRun(parse.GetValue(first)!);
            var other = parse.GetValue(second) is { } named ? ledger.ResolveRun(named)
                : ledger.Read(db => RunDiffQueries.RunBefore(db, run)) ?? throw new WorkflowException($"Run {run} is the first of its job: there is none before it. Name the run to compare it with.", exitCode: 2);
            var diff = ledger.Diff(context.PathsOf(parse), run, other);
            if (diff.PerQuery is { } tables)
            {
                diff = diff with { Scores = PairedScores.Compare(diff.Scores, context.Tables(), tables.Before, tables.After, cancellationToken) };
            }

            if (context.WantsJson(parse))
            {
                context.WriteJson(JsonSerializer.Serialize(diff, Snake));
            }
            else
            {
                DiffText.Write(context.Output, diff, parse.GetValue(all));
            }

            return Task.FromResult(0);
        });
        return command;
    }
}
