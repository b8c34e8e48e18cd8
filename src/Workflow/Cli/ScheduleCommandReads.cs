using System.CommandLine;
using System.Text.Json.Nodes;
using Workflow.Schedules;

namespace Workflow.Cli;

/// <summary><c>schedule list</c>, <c>show</c>, <c>next</c>.</summary>
sealed class ScheduleCommandReads(CliContext context)
{
    public Command List()
    {
        var all = new Option<bool>("--all") { Description = "Also those that were withdrawn or removed" };
        var command = new Command("list", "List schedules with their next and last run") { all };
        command.SetAction(parse =>
        {
            var rows = new List<ScheduleSummary>();
            if (File.Exists(context.PathsOf(parse).Ledger))
            {
                using var ledger = context.OpenRead(parse);
                rows = ledger.Read(db => ScheduleQueries.Schedules(db, parse.GetValue(all)));
            }

            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonArray([.. rows.Select(Json)]));
                return 0;
            }

            if (rows.Count == 0)
            {
                context.Output.WriteLine("No schedules yet. `workflow schedule add JOB.yaml` declares those of a job file; `workflow serve --jobs FOLDER` those of a folder.");
                return 0;
            }

            var table = new TextTable("schedule", "when", "zone", "state", "next (in zone)", "last run", "missed").Right(6);
            foreach (var (row, last, state, made, missed, _) in rows)
            {
                table.Add(row.Key, row.Cron ?? $"on {row.Dataset}", row.Zone, row.State, Local(row, row.Next), last is null ? "" : $"{state} {HumanText.Stamp(made!.Value)}", missed == 0 ? "" : HumanText.Count(missed));
            }

            table.Write(context.Output);
            foreach (var paused in rows.Where(r => r.Row.State == "paused"))
            {
                context.Output.WriteLine($"{paused.Row.Key} is paused: {paused.Row.Paused}");
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
        command.SetAction(parse =>
        {
            using var ledger = context.OpenRead(parse);
            var (summary, ticks, outcomes, backfills) = ledger.Read(db =>
            {
                var row = ScheduleRows.Resolve(db, parse.GetValue(key)!);
                return (ScheduleQueries.Schedules(db, false).Find(s => s.Row.Key == row.Key)!, ScheduleQueries.Ticks(db, row.Key, false, parse.GetValue(limit)), ScheduleQueries.Outcomes(db, row.Key), ScheduleQueries.Backfills(db, row.Key));
            });
            if (context.WantsJson(parse))
            {
                var json = Json(summary);
                json["outcomes"] = new JsonObject(outcomes.Select(o => KeyValuePair.Create(o.Outcome, (JsonNode?)o.Count)));
                json["ticks"] = new JsonArray([.. ticks.Select(Json)]);
                json["backfills"] = new JsonArray([.. backfills.Select(b => ScheduleCommandBackfill.Json(b.Backfill, b.Made, b.Open))]);
                context.WriteJson(json);
                return 0;
            }

            Write(summary.Row);
            context.Output.WriteLine($"Fire times: {(outcomes.Count == 0 ? "none yet" : string.Join(", ", outcomes.Select(o => $"{HumanText.Count(o.Count)} {o.Outcome}")))}");
            foreach (var (backfill, made, open) in backfills)
            {
                context.Output.WriteLine($"Backfill {backfill.Id}: {Local(summary.Row, backfill.From)} to {Local(summary.Row, backfill.To)}, {made} runs made of {backfill.Total}{(open > 0 ? $", {open} unfinished" : "")}");
            }

            if (ticks.Count > 0)
            {
                context.Output.WriteLine();
                var table = new TextTable("nominal (in zone)", "by", "outcome", "run", "state", "reason");
                foreach (var tick in ticks)
                {
                    var times = tick.Count == 1 ? "" : $" to {Local(summary.Row, tick.Until)}, {HumanText.Count(tick.Count)} times";
                    table.Add(Local(summary.Row, tick.Nominal) + times + (tick.Mark.Length > 0 ? $" {tick.Mark}" : ""), tick.Kind, tick.Outcome, tick.RunId ?? "", tick.RunState ?? "", (tick.Reason ?? "").Split('\n')[0]);
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
        command.SetAction(parse =>
        {
            using var ledger = context.OpenRead(parse);
            var row = ledger.Read(db => ScheduleRows.Resolve(db, parse.GetValue(key)!));
            if (row.Cron is null)
            {
                throw new WorkflowException($"The schedule {row.Key} has no fire times: it runs when the data set {row.Dataset} has a new version.", exitCode: 2);
            }

            var now = context.Time.GetUtcNow();
            var times = row.Nominals(row.Cursor > now ? row.Cursor : now).Take(Math.Clamp(parse.GetValue(count), 1, 10_000)).ToList();
            if (context.WantsJson(parse))
            {
                context.WriteJson(new JsonArray([.. times.Select(t => new JsonObject { ["nominal"] = Stamp(t), ["local"] = Local(row, t), ["ring"] = Stamp(row.RingOf(t)) })]));
                return 0;
            }

            foreach (var time in times)
            {
                context.Output.WriteLine($"{Local(row, time)}  ({HumanText.Stamp(time)} UTC{(row.Jitter > TimeSpan.Zero ? $", rings {HumanText.Stamp(row.RingOf(time))[11..]}" : "")})");
            }

            if (row.Paused is { } reason)
            {
                context.Output.WriteLine($"None of them runs while it is paused: {reason}");
            }

            return times.Count > 0 ? 0 : 1;
        });
        return command;
    }

    void Write(ScheduleRow row)
    {
        context.Output.WriteLine($"{row.Key}: {row.Cron ?? $"on {row.Dataset}"} ({ScheduleQueries.Words(row)}), {row.Zone}");
        context.Output.WriteLine($"State: {row.State}{(row.Paused is { } reason ? $", {reason} ({(row.PausedReason is null ? "by its job file" : $"{row.PausedBy}, {HumanText.Stamp(row.PausedAt!.Value)}")})" : "")}");
        context.Output.WriteLine($"Misfire {Policies.Text(row.Misfire)}, overlap {Policies.Text(row.Overlap)}{(row.Jitter > TimeSpan.Zero ? $", jitter {Jobs.Durations.Format(row.Jitter)}" : "")}{(row.Priority is { } p ? $", priority {p}" : "")}");
        context.Output.WriteLine($"Job file: {row.File}{(row.Sets.Count > 0 ? $" with {string.Join(' ', row.Sets)}" : "")}");
        context.Output.WriteLine($"Next: {(row.Next is null ? "none" : Local(row, row.Next))}");
    }

    static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("O");

    /// <summary>A time by the clock of the schedule's zone.</summary>
    public static string Local(ScheduleRow row, DateTimeOffset? time) => time is { } t ? ZoneClock.Of(row.Zone).Local(t).ToString("yyyy-MM-dd HH:mm zzz") : "";

    public static JsonObject Json(ScheduleSummary summary)
    {
        var row = summary.Row;
        return new JsonObject
        {
            ["schedule"] = row.Key,
            ["job"] = row.Job,
            ["state"] = row.State,
            ["paused"] = row.Paused,
            ["cron"] = row.Cron,
            ["dataset"] = row.Dataset,
            ["zone"] = row.Zone,
            ["misfire"] = Policies.Text(row.Misfire),
            ["overlap"] = Policies.Text(row.Overlap),
            ["file"] = row.File,
            ["sets"] = new JsonArray([.. row.Sets.Select(s => (JsonNode)s)]),
            ["next"] = row.Next is { } next ? Stamp(next) : null,
            ["last"] = summary.Last is null ? null : new JsonObject { ["run"] = summary.Last, ["state"] = summary.LastState, ["created"] = Stamp(summary.LastStarted!.Value) },
            ["missed"] = summary.Missed,
            ["active"] = summary.Active,
        };
    }

    static JsonObject Json(ScheduleTick tick) => new()
    {
        ["kind"] = tick.Kind,
        ["nominal"] = Stamp(tick.Nominal),
        ["until"] = tick.Until is { } until ? Stamp(until) : null,
        ["count"] = tick.Count,
        ["version"] = tick.Mark.Length > 0 ? tick.Mark : null,
        ["outcome"] = tick.Outcome,
        ["run"] = tick.RunId,
        ["state"] = tick.RunState,
        ["reason"] = tick.Reason,
    };
}
