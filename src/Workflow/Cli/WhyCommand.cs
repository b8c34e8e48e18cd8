using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Ledger;
using Workflow.Runs;

namespace Workflow.Cli;

/// <summary><c>why RUN STAGE</c>: why a stage was computed or reused.</summary>
sealed class WhyCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var stage = new Argument<string>("STAGE") { Description = "A stage, or one node of it (stage/key)" };
        var command = new Command("why", "Tell why a stage was computed again or reused") { run, stage };
        command.SetAction(parse =>
        {
            using var ledger = context.OpenRead(parse);
            var rows = ledger.Why(ledger.ResolveRun(parse.GetValue(run)!), parse.GetValue(stage)!);
            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonArray([.. rows.Select(Json)]));
                return 0;
            }

            foreach (var row in rows)
            {
                context.Output.WriteLine($"{row.NodeId}: {Text(row)}");
            }

            return 0;
        });
        return command;
    }

    static string Text(WhyRow row) => row.Result switch
    {
        "hit" => $"reused{(row.ReusedFromRun is { } from ? $" from run {from}" : "")}: the same stage, options and inputs were computed before",
        "miss" => $"computed ({row.State}), because {string.Join("; ", row.Differences.Select(d => d.Text))}{string.Concat(row.Reuse.Select(r => $"\n  {r.Text}"))}",
        _ => $"not looked up yet ({row.State})",
    };

    static JsonObject Json(WhyRow row) => new()
    {
        ["node"] = row.NodeId,
        ["state"] = row.State,
        ["result"] = row.Result,
        ["reused_from"] = row.ReusedFromRun,
        ["differences"] = new JsonArray([.. row.Differences.Select(d => new JsonObject { ["field"] = d.Field, ["before"] = d.Before, ["after"] = d.After, ["text"] = d.Text })]),
        ["reuse"] = new JsonArray([.. row.Reuse.Select(r => new JsonObject { ["words"] = r.Words, ["total"] = r.Total, ["anew"] = r.Anew, ["from_run"] = r.FromRun, ["text"] = r.Text })]),
        ["key"] = row.KeyJson is { } key ? JsonNode.Parse(key) : null,
    };
}
