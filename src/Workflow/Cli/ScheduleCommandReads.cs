using System.CommandLine;
using Workflow.Dashboard.Api.Reads;
using Workflow.Dashboard.Api.Shapes;

namespace Workflow.Cli;

/// <summary><c>schedule list</c>, <c>show</c>, <c>next</c>.</summary>
sealed class ScheduleCommandReads(CliContext context)
{
    public Command List()
    {
        var all = new Option<bool>("--all") { Description = "Also those that were withdrawn or removed" };
        var command = new Command("list", "List schedules with their next and last run") { all };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var rows = await reads.SchedulesAsync(parse.GetValue(all), cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(rows);
                return 0;
            }

            if (rows.Count == 0)
            {
                context.Output.WriteLine("No schedules yet. `workflow schedule add JOB.yaml` declares those of a job file; `workflow serve --jobs FOLDER` those of a folder.");
                return 0;
            }

            var table = new TextTable("schedule", "when", "zone", "state", "next (in zone)", "last run", "missed").Right(6);
            foreach (var row in rows)
            {
                table.Add(row.Schedule, row.Cron ?? $"on {row.Dataset}", row.Zone, row.State, Local(row, row.Next), row.Last is { } last ? $"{last.State} {HumanText.Stamp(last.Created)}" : "",
                    row.Missed == 0 ? "" : HumanText.Count(row.Missed));
            }

            table.Write(context.Output);
            foreach (var paused in rows.Where(r => r.State == "paused"))
            {
                context.Output.WriteLine($"{paused.Schedule} is paused: {paused.Paused}");
            }

            return 0;
        });
        return command;
    }

    public Command Show()
    {
        var key = ScheduleCommand.Key();
        var limit = new Option<int>("--limit") { Description = "So many fire times at most", DefaultValueFactory = _ => 20 };
        var command = new Command("show", "Show a schedule and what became of its fire times") { key, limit };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var row = await reads.ScheduleAsync(parse.GetValue(key)!, parse.GetValue(limit), cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(row);
                return 0;
            }

            Write(row);
            var (outcomes, ticks) = (row.Outcomes ?? new Dictionary<string, long>(), row.Ticks ?? []);
            context.Output.WriteLine($"Fire times: {(outcomes.Count == 0 ? "none yet" : string.Join(", ", outcomes.Select(o => $"{HumanText.Count(o.Value)} {o.Key}")))}");
            foreach (var backfill in row.Backfills ?? [])
            {
                context.Output.WriteLine($"Backfill {backfill.Backfill}: {Local(row, backfill.From)} to {Local(row, backfill.To)}, {backfill.Made} runs made of {backfill.Total}{(backfill.Unfinished > 0 ? $", {backfill.Unfinished} unfinished" : "")}");
            }

            if (ticks.Count > 0)
            {
                context.Output.WriteLine();
                var table = new TextTable("nominal (in zone)", "by", "outcome", "run", "state", "reason");
                foreach (var tick in ticks)
                {
                    var times = tick.Count == 1 ? "" : $" to {Local(row, tick.Until)}, {HumanText.Count(tick.Count)} times";
                    table.Add(Local(row, tick.Nominal) + times + (tick.Version is { } version ? $" {version}" : ""), tick.Kind, tick.Outcome, tick.Run ?? "", tick.State ?? "", (tick.Reason ?? "").Split('\n')[0]);
                }

                table.Write(context.Output);
            }

            return 0;
        });
        return command;
    }

    public Command Next()
    {
        var key = ScheduleCommand.Key();
        var count = new Option<int>("-n") { Description = "So many fire times", DefaultValueFactory = _ => 10 };
        var command = new Command("next", "Show the next fire times") { key, count };
        command.SetAction(async (parse, cancellationToken) =>
        {
            using var reads = context.Reads(parse);
            var times = await reads.NextAsync(parse.GetValue(key)!, parse.GetValue(count), cancellationToken);
            if (context.WantsJson(parse))
            {
                context.WriteShape(times);
                return 0;
            }

            foreach (var time in times)
            {
                context.Output.WriteLine($"{time.Local}  ({HumanText.Stamp(time.Nominal)} UTC{(time.Ring > time.Nominal ? $", rings {HumanText.Stamp(time.Ring)[11..]}" : "")})");
            }

            if ((await reads.ScheduleAsync(parse.GetValue(key)!, 0, cancellationToken)).Paused is { } reason)
            {
                context.Output.WriteLine($"None of them runs while it is paused: {reason}");
            }

            return times.Count > 0 ? 0 : 1;
        });
        return command;
    }

    /// <summary>A time by the clock of the schedule's zone.</summary>
    public static string Local(ScheduleItem row, DateTimeOffset? time) => ScheduleItems.Local(row.Zone, time);

    void Write(ScheduleItem row)
    {
        context.Output.WriteLine($"{row.Schedule}: {row.Cron ?? $"on {row.Dataset}"} ({row.Words}), {row.Zone}");
        context.Output.WriteLine($"State: {row.State}{(row.Paused is { } reason ? $", {reason} ({(row.PausedBy is null ? "by its job file" : $"{row.PausedBy}, {HumanText.Stamp(row.PausedAt!.Value)}")})" : "")}");
        context.Output.WriteLine($"Misfire {row.Misfire}, overlap {row.Overlap}{(row.Jitter is { } jitter ? $", jitter {jitter}" : "")}{(row.Priority is { } p ? $", priority {p}" : "")}");
        context.Output.WriteLine($"Job file: {row.File}{(row.Sets.Count > 0 ? $" with {string.Join(' ', row.Sets)}" : "")}");
        context.Output.WriteLine($"Next: {(row.Next is null ? "none" : Local(row, row.Next))}");
    }
}
