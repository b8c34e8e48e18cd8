using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Runs;
using Workflow.Schedules;

namespace Workflow.Cli;

/// <summary><c>schedule backfill KEY --from --to</c>: one run per nominal time of a range.</summary>
sealed class ScheduleCommandBackfill(CliContext context)
{
    public Command Backfill()
    {
        var (key, reason) = (ScheduleCommand.Key(), ScheduleCommand.Reason(required: false));
        var from = new Option<string>("--from") { Description = "First time, in the schedule's zone", HelpName = "TIME", Required = true };
        var to = new Option<string>("--to") { Description = "First time after the range", HelpName = "TIME", Required = true };
        var parallel = new Option<int>("--parallel") { Description = "Runs that may be unfinished at a time", DefaultValueFactory = _ => 1 };
        var dry = new Option<bool>("--dry-run") { Description = "Show the nominal times and change nothing" };
        var command = new Command("backfill", "Make one run per nominal time of a range; repeated, only what is missing") { key, from, to, parallel, dry, reason };
        command.SetAction(parse =>
        {
            using var ledger = context.OpenExisting(parse);
            var row = ledger.Read(db => ScheduleRows.Resolve(db, parse.GetValue(key)!));
            var (first, end) = (Time(parse.GetValue(from)!, "--from", row), Time(parse.GetValue(to)!, "--to", row));
            var control = new ScheduleControl(ledger, new History(context.Time), ScheduledJobs.Over(context.Stages));
            if (parse.GetValue(dry))
            {
                return Dry(parse, row, control.BackfillTimes(row.Key, first, end));
            }

            if (parse.GetValue(parallel) is < 1 or > 1000)
            {
                throw new WorkflowException($"--parallel: found {parse.GetValue(parallel)}; expected 1 to 1000.", exitCode: 2);
            }

            var backfill = control.Backfill(row.Key, first, end, parse.GetValue(parallel), RunRequest.FromUser.Actor, parse.GetValue(reason));
            if (context.WantsJson(parse))
            {
                context.WriteJson(Json(backfill, 0, 0));
            }
            else
            {
                context.Output.WriteLine($"Backfill {backfill.Id}: {HumanText.Count(backfill.Total)} nominal times of {row.Key}, {backfill.Parallel} at a time. `workflow schedule show {row.Key}` follows it.");
            }

            context.TellUnserved(parse, "executes it");

            return 0;
        });
        return command;
    }

    public static JsonObject Json(BackfillRow backfill, long made, long open) => new()
    {
        ["backfill"] = backfill.Id,
        ["schedule"] = backfill.Key,
        ["from"] = backfill.From.UtcDateTime.ToString("O"),
        ["to"] = backfill.To.UtcDateTime.ToString("O"),
        ["parallel"] = backfill.Parallel,
        ["total"] = backfill.Total,
        ["made"] = made,
        ["unfinished"] = open,
        ["handled"] = backfill.Ended is not null,
    };

    int Dry(ParseResult parse, ScheduleRow row, IReadOnlyList<(DateTimeOffset Nominal, string? RunId)> times)
    {
        if (context.WantsJson(parse))
        {
            context.WriteJson(new JsonArray([.. times.Select(t => new JsonObject { ["nominal"] = t.Nominal.UtcDateTime.ToString("O"), ["run"] = t.RunId })]));
            return 0;
        }

        foreach (var (nominal, run) in times)
        {
            context.Output.WriteLine($"{ScheduleCommandReads.Local(row, nominal)}  {(run is null ? "would run" : $"has run {run}")}");
        }

        context.Output.WriteLine($"{HumanText.Count(times.Count(t => t.RunId is null))} of {HumanText.Count(times.Count)} would run.");
        return 0;
    }

    static DateTimeOffset Time(string text, string option, ScheduleRow row) =>
        ZonedTime.Parse(text, ZoneClock.Of(row.Zone)) ?? throw new WorkflowException($"{option}: found '{text}'; expected {ZonedTime.Expected}.", exitCode: 2);
}
