using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary><c>show RUN</c>: stages of a run with what they published.</summary>
sealed class ShowCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var run = RunArguments.Run();
        var command = new Command("show", "Show a run: its stages, their attempts and artifacts") { run };
        command.SetAction(parse =>
        {
            using var ledger = context.OpenRead(parse);
            var detail = ledger.Detail(ledger.ResolveRun(parse.GetValue(run)!));
            if (context.WantsJson(parse))
            {
                context.WriteJson(Json(detail));
                return 0;
            }

            Print(context, parse, detail);
            return 0;
        });
        return command;
    }

    static void Print(CliContext context, ParseResult parse, RunDetail detail)
    {
        var run = detail.Run;
        context.Output.WriteLine($"Run {run.RunId}: {run.Job}, {run.State}, started {HumanText.Stamp(run.Started ?? run.Created)} UTC by {run.RequestedBy} ({run.Trigger})");
        if (run.Error is { } error)
        {
            context.Output.WriteLine(error);
        }

        context.Output.WriteLine();
        RunSummary.Write(context.PathsOf(parse), detail, context.Output);
        var ends = detail.Nodes.SelectMany(n => n.Attempts).Where(a => a.State is not ("committed" or "running")).ToList();
        if (ends.Count > 0)
        {
            context.Output.WriteLine();
            var table = new TextTable("attempt", "epoch", "ended", "how", "why").Right(1);
            foreach (var attempt in ends)
            {
                table.Add(attempt.NodeId, attempt.Epoch.ToString(), attempt.State, attempt.ExitKind ?? "", attempt.Error?.Split('\n')[0] ?? "");
            }

            table.Write(context.Output);
        }
    }

    static JsonObject Json(RunDetail detail)
    {
        var stages = new JsonObject();
        foreach (var node in detail.Stages)
        {
            var artifacts = detail.OutputsOf(node.NodeId).OrderBy(o => o.Key, StringComparer.Ordinal).Select(o => KeyValuePair.Create(o.Key, (JsonNode?)o.Value.Id));
            stages[node.NodeId] = new JsonObject { ["state"] = node.State, ["artifacts"] = new JsonObject(artifacts) };
        }

        return new JsonObject
        {
            ["run"] = detail.Run.RunId,
            ["job"] = detail.Run.Job,
            ["state"] = detail.Run.State,
            ["started"] = (detail.Run.Started ?? detail.Run.Created).UtcDateTime.ToString("O"),
            ["error"] = detail.Run.Error,
            ["stages"] = stages,
        };
    }
}
