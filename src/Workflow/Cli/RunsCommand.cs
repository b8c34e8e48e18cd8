using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Ledger;

namespace Workflow.Cli;

/// <summary><c>runs</c>: the runs of a home, newest first.</summary>
sealed class RunsCommand : ICliCommand
{
    public Command Build(CliContext context)
    {
        var limit = new Option<int>("--limit") { Description = "List so many at most", DefaultValueFactory = _ => 50 };
        var command = new Command("runs", "List runs, newest first") { limit };
        command.SetAction(parse =>
        {
            if (!File.Exists(context.PathsOf(parse).Ledger))
            {
                return Print(context, parse, []);
            }

            using var ledger = context.OpenRead(parse);
            return Print(context, parse, ledger.Runs(parse.GetValue(limit)));
        });
        return command;
    }

    static int Print(CliContext context, ParseResult parse, IReadOnlyList<RunRow> runs)
    {
        if (context.WantsJson(parse))
        {
            context.WriteJson(new JsonArray([.. runs.Select(Json)]));
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
            var time = run is { Started: { } from, Ended: { } to } ? HumanText.Time(to - from) : "";
            table.Add(run.RunId, run.Job, run.State, HumanText.Stamp(run.Started ?? run.Created), time, $"{run.Done}/{run.Nodes}", run.Reused.ToString());
        }

        table.Write(context.Output);
        return 0;
    }

    static JsonObject Json(RunRow run) => new()
    {
        ["run"] = run.RunId,
        ["job"] = run.Job,
        ["state"] = run.State,
        ["started"] = (run.Started ?? run.Created).UtcDateTime.ToString("O"),
        ["ended"] = run.Ended?.UtcDateTime.ToString("O"),
        ["trigger"] = run.Trigger,
        ["nodes"] = run.Nodes,
        ["done"] = run.Done,
        ["reused"] = run.Reused,
    };
}
